import { create } from '@bufbuild/protobuf';
import { Allowance } from '../tensorflow/allowance.ts';
import { foldNode, isFoldable, readConstant } from '../tensorflow/constants.ts';
import { FOLDS } from '../tensorflow/fold/folds.ts';
import { parseInput, tensorInputs } from '../tensorflow/lookup.ts';
import { expectInputs, nodeError } from '../tensorflow/node-error.ts';
import { inOrder } from '../tensorflow/order.ts';
import { isEntrance } from '../tensorflow/passing.ts';
import { type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import type { Tensor, TensorOf } from '../wire/tensor.ts';
import { passesConstant } from './origins.ts';

/** Weights of the types that arithmetic here is exact in. */
export type Weights = TensorOf<'float16'> | TensorOf<'float32'> | TensorOf<'float64'>;

/** A node that lets a value into a loop or a branch, and which of its outputs the value leaves by. */
export interface Passage {
  readonly node: NodeDef;
  readonly output: number;
}

/** What a node gives that depends on constants alone, and its way into loops and branches, outermost first. */
interface Constant<Value> {
  readonly value: Value;
  readonly route: readonly Passage[];
}

const NEGATIVE_ZERO_HALF = 0x8000;

/** Computes masked weights from the constants of a graph. */
export class WeightEvaluator {
  readonly #nodes: ReadonlyMap<string, NodeDef>;
  readonly #followed: ReadonlyMap<string, NodeDef>;
  readonly #values = new Map<string, Constant<Tensor>>();
  readonly #allowance = new Allowance();

  constructor(nodes: ReadonlyMap<string, NodeDef>) {
    this.#nodes = nodes;
    this.#followed = new Map([...nodes].map(([name, node]) => [name, withoutCondition(node)]));
  }

  /**
   * The value of masked weights, with every zero positive, so that zeros compress.
   *
   * @throws UserError `graph` on an operation that is not computed of constants, a circle, and types, shapes or sizes that do
   *   not fit
   */
  weights(node: NodeDef): Constant<Weights> {
    for (const each of inOrder(this.#followed, [node.name]))
      if (!this.#values.has(each.name)) this.#values.set(each.name, this.#evaluate(each));
    const { value, route } = this.#values.get(node.name)!;
    return { value: withPositiveZeros(node, value), route };
  }

  #evaluate(node: NodeDef): Constant<Tensor> {
    const references = tensorInputs(node).map(parseInput);
    const inputs = references.map((reference) => this.#values.get(reference.node)!);
    const routes = inputs.map(({ route }, index) => leavingBy(route, references[index]!.output));
    const longest = routes.reduce((best, route) => (route.length > best.length ? route : best), []);
    const passage = { node: this.#nodes.get(node.name)!, output: 0 };
    const tensors = inputs.map(({ value }) => value);
    return {
      value: this.#compute(node, tensors),
      route: isEntrance(node.op) ? [...longest, passage] : longest,
    };
  }

  #compute(node: NodeDef, inputs: readonly Tensor[]): Tensor {
    if (node.op === 'Const') return readConstant(node, this.#allowance);
    if (isFoldable(node)) return foldNode(node, inputs, this.#allowance);
    if (!passesConstant(node))
      throw nodeError(
        node,
        'is part of a masked weight and cannot be folded: unsupported operation',
        `Choose output nodes that do not need it, or compute it of ${Object.keys(FOLDS).join(', ')}.`,
      );
    expectInputs(node, inputs, 1);
    return inputs[0]!;
  }
}

/** @throws UserError `graph` unless the values are of a floating-point type */
function withPositiveZeros(node: NodeDef, value: Tensor): Weights {
  switch (value.dtype) {
    // -0 + 0 is +0; every other number stays what it is.
    case 'float32':
      return { ...value, data: value.data.map((weight) => weight + 0) };
    case 'float64':
      return { ...value, data: value.data.map((weight) => weight + 0) };
    case 'float16':
      return { ...value, data: value.data.map((bits) => (bits === NEGATIVE_ZERO_HALF ? 0 : bits)) };
    default:
      throw nodeError(
        node,
        `masks weights of ${value.dtype}; those of float16, float32 and float64 can be folded`,
        'Build the graph with weights of float32, and cast what they give.',
      );
  }
}

/** The route with the output by which its last passage is left. */
function leavingBy(route: readonly Passage[], output: number): readonly Passage[] {
  const last = route.at(-1);
  return last && output > 0 ? [...route.slice(0, -1), { ...last, output }] : route;
}

/** A Switch without the condition that it reads, which decides whether a value is there and not what it is. */
function withoutCondition(node: NodeDef): NodeDef {
  return node.op === 'Switch' ? create(NodeDefSchema, { ...node, input: node.input.slice(0, 1) }) : node;
}
