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

/** Weights of the types whose arithmetic is exact here. */
export type Weights = TensorOf<'float16'> | TensorOf<'float32'> | TensorOf<'float64'>;

/** A node through which a value enters a loop or a branch, and the output by which the value leaves the node. */
export interface Passage {
  readonly node: NodeDef;
  readonly output: number;
}

/** The value of a node that depends on constants alone, and the nodes through which it enters loops and branches, outermost first. */
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
   * The value of masked weights. Every zero in it is +0, so that zeros compress.
   *
   * @throws UserError `graph` on operations that cannot be folded, circles, and types, shapes or sizes that do not match
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
        `Choose output nodes that do not need it, or compute it with ${Object.keys(FOLDS).join(', ')}.`,
      );
    expectInputs(node, inputs, 1);
    return inputs[0]!;
  }
}

/** @throws UserError `graph` unless the values are of a floating-point type */
function withPositiveZeros(node: NodeDef, value: Tensor): Weights {
  switch (value.dtype) {
    // -0 + 0 is +0; no other number changes.
    case 'float32':
      return { ...value, data: value.data.map((weight) => weight + 0) };
    case 'float64':
      return { ...value, data: value.data.map((weight) => weight + 0) };
    case 'float16':
      return { ...value, data: value.data.map((bits) => (bits === NEGATIVE_ZERO_HALF ? 0 : bits)) };
    default:
      throw nodeError(
        node,
        `masks weights of ${value.dtype}, expected float16, float32 or float64`,
        'Build the graph with float32 weights, and cast the results.',
      );
  }
}

/** The route, with `output` as the output of its last node. */
function leavingBy(route: readonly Passage[], output: number): readonly Passage[] {
  const last = route.at(-1);
  return last && output > 0 ? [...route.slice(0, -1), { ...last, output }] : route;
}

/** A Switch without its condition, which decides whether there is a value, not which. */
function withoutCondition(node: NodeDef): NodeDef {
  return node.op === 'Switch' ? create(NodeDefSchema, { ...node, input: node.input.slice(0, 1) }) : node;
}
