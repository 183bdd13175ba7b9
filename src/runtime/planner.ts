import type { Computation, PlannedOperation } from '../engine/graph-plan.ts';
import { Allowance } from '../tensorflow/allowance.ts';
import { expectFloat32 } from '../tensorflow/attributes.ts';
import { foldNode, isFoldable, readConstant } from '../tensorflow/constants.ts';
import { axisOf, integersOf } from '../tensorflow/fold/fold.ts';
import { parseInput, tensorInputs } from '../tensorflow/lookup.ts';
import { expectInputs, nodeError } from '../tensorflow/node-error.ts';
import { type Effect, passesOn, passingOperations } from '../tensorflow/passing.ts';
import { reshapeComputation } from '../tensorflow/reshape.ts';
import { describeShape, elementsOf, type Shape } from '../tensorflow/shapes.ts';
import type { NodeDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { concatenation } from './concatenation.ts';
import { valuesBeside } from './footprint.ts';
import { OPERATIONS } from './operations.ts';
import { placeholderShape } from './placeholder.ts';

/** Limits far beyond any real network, so that a damaged file causes an error instead of exhausting memory. */
const MAX_RESULTS = 2 ** 28;
const MAX_AXES = 6;

/** The result of a node: a float32 tensor that an operation of the plan computes, or a constant. */
type Value = Computed | Constant;
interface Computed {
  readonly kind: 'computed';
  readonly operation: number;
  readonly shape: Shape;
}

interface Constant {
  readonly kind: 'constant';
  /** The node that gave it first, before other nodes passed it on. */
  readonly name: string;
  readonly tensor: Tensor;
}

/** A `PlaceholderWithDefault` passes its default on, since only the images are fed. */
const THROUGH: readonly Effect[] = ['feeds'];

/** Turns nodes into operations of a plan, or into constants if they depend on constants alone. Each node must come after those it reads. */
export class Planner {
  readonly operations: PlannedOperation[] = [];
  readonly #images: NodeDef;
  readonly #values = new Map<string, Value>();
  /** The operation of each constant that operations read. */
  readonly #planned = new Map<Tensor, Computed>();
  readonly #allowance = new Allowance();
  /** How many more times each node will be read; then its constant can be freed. */
  readonly #readers = new Map<string, number>();
  #results = 0;
  /** Memory that does not depend on the number of images, in float32 values. */
  #fixed = 0;

  constructor(nodes: readonly NodeDef[], images: NodeDef) {
    this.#images = images;
    for (const input of nodes.flatMap(tensorInputs)) this.#countReader(parseInput(input).node, 1);
  }

  /** Number of values in all results and padded images so far, for one image or for the declared batch. */
  get results(): number {
    return this.#results;
  }

  add(node: NodeDef): void {
    const inputs = tensorInputs(node);
    const value = this.#value(node, inputs);
    if (value.kind === 'constant') this.#allowance.hold(value.tensor);
    this.#values.set(node.name, value);
    for (const input of inputs) this.#countReader(parseInput(input).node, -1);
  }

  /** The operation whose result `consumer` reads as `input`. @throws UserError `graph` unless the result is float32 */
  computed(consumer: NodeDef, input: string): Computed {
    const value = this.#input(consumer, input);
    if (value.kind === 'computed') return value;
    const planned = this.#planned.get(value.tensor) ?? this.#constant(consumer, value);
    this.#planned.set(value.tensor, planned);
    return planned;
  }

  #value(node: NodeDef, inputs: readonly string[]): Value {
    if (node === this.#images) {
      const shape = placeholderShape(node);
      return this.#operation(node, { op: 'Placeholder', imageShape: shape.slice(1) }, [], shape);
    }
    const { name } = node;
    if (node.op === 'Const') return { kind: 'constant', name, tensor: readConstant(node, this.#allowance) };
    const values = inputs.map((input) => this.#input(node, input));
    if (passesOn(node.op, THROUGH)) {
      expectInputs(node, inputs, 1);
      return values[0]!;
    }
    const constants = values.flatMap((value) => (value.kind === 'constant' ? [value.tensor] : []));
    if (constants.length === values.length && isFoldable(node))
      return { kind: 'constant', name, tensor: foldNode(node, constants, this.#allowance) };
    if (node.op === 'Reshape') return this.#reshape(node, inputs);
    return node.op === 'ConcatV2' ? this.#concatenation(node, inputs) : this.#computation(node, inputs);
  }

  #reshape(node: NodeDef, inputs: readonly string[]): Computed {
    expectInputs(node, inputs, 2);
    const tensor = this.computed(node, inputs[0]!);
    const target = this.#input(node, inputs[1]!);
    if (target.kind === 'computed')
      throw nodeError(node, `reads a shape from ${inputs[1]}, expected a constant of integers`);
    const { compute, shape } = reshapeComputation(node, tensor.shape, integersOf(node, target.tensor));
    return this.#operation(node, compute, [tensor], shape);
  }

  /** Plans a ConcatV2, whose last input is the axis. */
  #concatenation(node: NodeDef, inputs: readonly string[]): Computed {
    expectFloat32(node, 'T');
    const axis = this.#input(node, inputs.at(-1)!);
    if (axis.kind === 'computed')
      throw nodeError(node, `reads an axis from ${inputs.at(-1)}, expected a constant integer`);
    const tensors = inputs.slice(0, -1).map((input) => this.computed(node, input));
    const shapes = tensors.map(({ shape }) => shape);
    const { compute, shape } = concatenation(node, shapes, axisOf(node, axis.tensor, shapes[0]?.length ?? 0));
    return this.#operation(node, compute, tensors, shape);
  }

  #computation(node: NodeDef, inputs: readonly string[]): Computed {
    const operation = Object.hasOwn(OPERATIONS, node.op) ? OPERATIONS[node.op] : undefined;
    if (!operation && isFoldable(node))
      throw nodeError(node, 'depends on the images, but this runtime computes it from constants only');
    if (!operation)
      throw nodeError(
        node,
        'has an operation that this runtime does not know',
        `Use only Placeholder, Const, Reshape, ConcatV2, ${[...passingOperations(THROUGH), ...Object.keys(OPERATIONS)].join(', ')}.`,
      );
    expectFloat32(node, 'T');
    expectInputs(node, inputs, operation.inputs);
    const values = inputs.map((input) => this.computed(node, input));
    const [a, b] = [values[0]!.shape, values.at(-1)!.shape];
    const { compute, shape } = operation.plan(node, a, b);
    return this.#operation(node, compute, values, shape);
  }

  #operation(node: NodeDef, compute: Computation, inputs: readonly Computed[], shape: Shape): Computed {
    const values = elementsOf(shape);
    if (values === 0 || shape.length > MAX_AXES)
      throw nodeError(node, `gives ${describeShape(shape)}, expected values along at most ${MAX_AXES} axes`);
    const { perImage, perGraph } = valuesBeside(
      node,
      compute,
      inputs.map((input) => input.shape),
    );
    this.#results += values + perImage;
    this.#fixed += perGraph;
    if (!(this.#results + this.#fixed <= MAX_RESULTS))
      throw nodeError(
        node,
        `gives ${describeShape(shape)}, which brings the graph above the limit of ${MAX_RESULTS} values per image`,
      );
    return this.#plan(node.name, compute, inputs, shape);
  }

  #constant(consumer: NodeDef, { name, tensor }: Constant): Computed {
    const { dtype, shape, data } = tensor;
    if (dtype !== 'float32')
      throw nodeError(consumer, `computes with the ${dtype} of ${name}, expected float32`);
    if (data.length === 0 || shape.length > MAX_AXES)
      throw nodeError(
        consumer,
        `reads ${name} of shape ${describeShape(shape)}, expected values along at most ${MAX_AXES} axes`,
      );
    this.#allowance.hold(tensor);
    this.#allowance.copy(consumer, name, tensor);
    return this.#plan(name, { op: 'Const', shape, values: data }, [], shape);
  }

  #plan(name: string, compute: Computation, inputs: readonly Computed[], shape: Shape): Computed {
    const planned = { name, compute, inputs: inputs.map(({ operation }) => operation), shape };
    return { kind: 'computed', operation: this.operations.push(planned) - 1, shape };
  }

  #input(consumer: NodeDef, input: string): Value {
    const { node, output } = parseInput(input);
    if (output > 0) throw nodeError(consumer, `reads ${input}, but ${node} has one output only`);
    return this.#values.get(node)!;
  }

  #countReader(name: string, more: 1 | -1): void {
    const readers = (this.#readers.get(name) ?? 0) + more;
    this.#readers.set(name, readers);
    if (readers > 0) return;
    const value = this.#values.get(name);
    if (value?.kind === 'constant') this.#allowance.release(value.tensor);
    this.#values.delete(name);
  }
}
