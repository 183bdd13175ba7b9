import { create } from '@bufbuild/protobuf';
import { inOrder, parseInput } from '../graph/index.ts';
import { type GraphDef, type NodeDef, NodeDefSchema } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { Budget } from './budget.ts';
import { WEIGHT_OPERATIONS, type Weights, weightError, weightsOf } from './weight-operations.ts';

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

const PASSAGES: ReadonlySet<string> = new Set(['Enter', 'Switch']);

/** Computes masked weights from the constants of a graph. */
export class WeightEvaluator {
  readonly #nodes: ReadonlyMap<string, NodeDef>;
  readonly #followed: ReadonlyMap<string, NodeDef>;
  readonly #values = new Map<string, Constant<Tensor>>();
  readonly #budget: Budget;

  constructor(graph: GraphDef, nodes: ReadonlyMap<string, NodeDef>) {
    this.#nodes = nodes;
    this.#followed = new Map([...nodes].map(([name, node]) => [name, withoutCondition(node)]));
    this.#budget = new Budget(graph);
  }

  /**
   * The value of masked weights.
   *
   * @throws UserError `graph` on an operation that is not among those between variables and masked weights, a circle, and
   *   types, shapes or sizes that do not fit
   */
  weights(node: NodeDef): Constant<Weights> {
    for (const each of inOrder(this.#followed, [node.name]))
      if (!this.#values.has(each.name)) this.#values.set(each.name, this.#evaluate(each));
    const { value, route } = this.#values.get(node.name)!;
    return { value: weightsOf(node, value), route };
  }

  #evaluate(node: NodeDef): Constant<Tensor> {
    const references = node.input.map(parseInput).filter(({ control }) => !control);
    const inputs = references.map((reference) => this.#values.get(reference.node)!);
    const operation = Object.hasOwn(WEIGHT_OPERATIONS, node.op) ? WEIGHT_OPERATIONS[node.op] : undefined;
    if (!operation)
      throw weightError(node, `is none of ${Object.keys(WEIGHT_OPERATIONS).join(', ')}, which can be folded`);
    if (inputs.length < operation.inputs)
      throw weightError(node, `has ${inputs.length} inputs, expected ${operation.inputs}`);
    const routes = inputs.map(({ route }, index) => leavingBy(route, references[index]!.output));
    const longest = routes.reduce((best, route) => (route.length > best.length ? route : best), []);
    const passage = { node: this.#nodes.get(node.name)!, output: 0 };
    const tensors = inputs.map(({ value }) => value);
    return {
      value: operation.compute(node, tensors, this.#budget),
      route: PASSAGES.has(node.op) ? [...longest, passage] : longest,
    };
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
