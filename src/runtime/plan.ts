import type { Computation, GraphPlan, PlannedOperation } from '../engine/graph-plan.ts';
import { UserError } from '../errors.ts';
import { parseInput } from '../graph/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { elementCount, type Tensor, tensorFromProto } from '../wire/tensor.ts';
import { declaredShape, expectFloat32, tensorAttribute } from './attributes.ts';
import { nodeError } from './node-error.ts';
import { OPERATIONS } from './operations.ts';
import { inOrder } from './order.ts';
import { reshapeComputation } from './reshape.ts';
import { describeShape, elementsOf, OPEN, type Shape } from './shapes.ts';

/** A graph that can be computed as it is. */
export interface PlannedGraph {
  readonly plan: GraphPlan;
  /** The extents of one image. */
  readonly imageShape: Shape;
  /** How many images there must be, or `OPEN`. */
  readonly batch: number;
  /** Of the output; the first extent is `OPEN` where `batch` is. */
  readonly outputShape: Shape;
}

/** Limits far beyond any real network, so that a damaged file is an error and not the end of memory. */
const MAX_CONSTANT_ELEMENTS = 2 ** 28;
const MAX_RESULT_ELEMENTS = 2 ** 27;

/** What a node gives: a float32 tensor computed by an operation of the plan, or integers known now. */
type Value = FloatValue | { readonly kind: 'integers'; readonly integers: readonly number[] };
interface FloatValue {
  readonly kind: 'float32';
  readonly operation: number;
  readonly shape: Shape;
}

/**
 * Makes a frozen graph ready to compute `output` from its placeholder.
 *
 * @throws UserError `graph`, naming the node, on an operation that is not known, shapes that do not fit, an absurd size, a
 *   circle, or a missing input, among what the output needs
 */
export function planGraph(graph: GraphDef, output: string): PlannedGraph {
  const planner = new Planner();
  const nodes = inOrder(graph, output);
  const images = onlyPlaceholder(nodes, output);
  for (const node of nodes) planner.add(node);
  const { operation, shape } = planner.float(nodes.at(-1)!, output);
  const [batch, ...imageShape] = placeholderShape(images);
  return {
    plan: { operations: planner.operations, output: operation },
    imageShape,
    batch: batch!,
    outputShape: shape,
  };
}

class Planner {
  readonly operations: PlannedOperation[] = [];
  readonly #values = new Map<string, Value>();
  #constantElements = 0;

  add(node: NodeDef): void {
    this.#values.set(node.name, this.#value(node));
  }

  /** The tensor that `input` of `consumer` refers to. */
  float(consumer: NodeDef, input: string): FloatValue {
    const value = this.#input(consumer, input);
    if (value.kind === 'float32') return value;
    throw nodeError(consumer, `computes with the integers of ${input}, expected float32`);
  }

  #value(node: NodeDef): Value {
    const inputs = node.input.filter((input) => !parseInput(input).control);
    switch (node.op) {
      case 'Placeholder': {
        const shape = placeholderShape(node);
        return this.#operation(node, { op: 'Placeholder', imageShape: shape.slice(1) }, [], shape);
      }
      case 'Const':
        return this.#constant(node);
      case 'Identity':
        expectInputs(node, inputs, 1);
        return this.#input(node, inputs[0]!);
      case 'Reshape': {
        expectInputs(node, inputs, 2);
        const tensor = this.float(node, inputs[0]!);
        const target = this.#integers(node, inputs[1]!);
        const { compute, shape } = reshapeComputation(node, tensor.shape, target);
        return this.#operation(node, compute, [tensor], shape);
      }
      default:
        return this.#computed(node, inputs);
    }
  }

  #computed(node: NodeDef, inputs: readonly string[]): Value {
    const operation = Object.hasOwn(OPERATIONS, node.op) ? OPERATIONS[node.op] : undefined;
    if (!operation)
      throw nodeError(
        node,
        'has an operation that this runtime does not know',
        `it knows Placeholder, Const, Identity, Reshape, ${Object.keys(OPERATIONS).join(', ')}`,
      );
    expectFloat32(node, 'T');
    expectInputs(node, inputs, operation.inputs);
    const values = inputs.map((input) => this.float(node, input));
    const [a, b] = [values[0]!.shape, values.at(-1)!.shape];
    const { compute, shape } = operation.plan(node, a, b);
    return this.#operation(node, compute, values, shape);
  }

  #operation(node: NodeDef, compute: Computation, inputs: readonly FloatValue[], shape: Shape): FloatValue {
    if (elementsOf(shape) > MAX_RESULT_ELEMENTS)
      throw nodeError(node, `gives ${describeShape(shape)}, more than ${MAX_RESULT_ELEMENTS} values`);
    const planned = { name: node.name, compute, inputs: inputs.map(({ operation }) => operation), shape };
    return { kind: 'float32', operation: this.operations.push(planned) - 1, shape };
  }

  #constant(node: NodeDef): Value {
    const proto = tensorAttribute(node);
    const extents = proto.tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
    this.#constantElements += elementCount(extents);
    if (extents.some((extent) => extent < 0) || !(this.#constantElements <= MAX_CONSTANT_ELEMENTS))
      throw nodeError(
        node,
        `has shape [${extents}], expected at most ${MAX_CONSTANT_ELEMENTS} values in all constants`,
      );
    const tensor = withNode(node, () => tensorFromProto(proto));
    if (tensor.dtype === 'float32') {
      const { shape, data } = tensor;
      return this.#operation(node, { op: 'Const', shape, values: data }, [], shape);
    }
    if (tensor.dtype === 'int32' || tensor.dtype === 'int64')
      return { kind: 'integers', integers: Array.from(tensor.data, Number) };
    throw nodeError(node, `is ${tensor.dtype}, expected float32 or, for a shape, int32 or int64`);
  }

  #integers(consumer: NodeDef, input: string): readonly number[] {
    const value = this.#input(consumer, input);
    if (value.kind === 'integers') return value.integers;
    throw nodeError(consumer, `reads a shape from ${input}, expected a constant of integers`);
  }

  #input(consumer: NodeDef, input: string): Value {
    const { node, output } = parseInput(input);
    if (output > 0) throw nodeError(consumer, `reads ${input}, but ${node} has one output only`);
    return this.#values.get(node)!;
  }
}

function onlyPlaceholder(nodes: readonly NodeDef[], output: string): NodeDef {
  const placeholders = nodes.filter(({ op }) => op === 'Placeholder');
  if (placeholders.length === 1) return placeholders[0]!;
  const found = placeholders.length === 0 ? 'none' : placeholders.map(({ name }) => name).join(', ');
  throw new UserError('graph', `${output} is computed from placeholders ${found}, expected exactly one`);
}

function placeholderShape(node: NodeDef): Shape {
  expectFloat32(node, 'dtype');
  const shape = declaredShape(node);
  if (!shape) throw nodeError(node, 'has no shape, expected [batch, ...extents of an image]');
  const [batch = 0, ...extents] = shape;
  if (extents.length > 0 && extents.every((extent) => extent > 0) && (batch === OPEN || batch > 0))
    return shape;
  throw nodeError(node, `has shape [${shape}], expected [batch, ...extents of an image]`);
}

function expectInputs(node: NodeDef, inputs: readonly string[], count: number): void {
  if (inputs.length !== count) throw nodeError(node, `has ${inputs.length} inputs, expected ${count}`);
}

function withNode(node: NodeDef, read: () => Tensor): Tensor {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw nodeError(node, `is damaged: ${error.message}`, error.hint);
    throw error;
  }
}
