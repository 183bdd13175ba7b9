import { UserError } from '../errors.ts';
import { Allowance } from '../tensorflow/allowance.ts';
import { typeAttribute } from '../tensorflow/attributes.ts';
import { foldNode, isFoldable, readConstant } from '../tensorflow/constants.ts';
import { isVariable, tensorInputs } from '../tensorflow/lookup.ts';
import { allInOrder } from '../tensorflow/order.ts';
import { passedPlaces } from '../tensorflow/passing.ts';
import { DataType, type GraphDef, type NodeDef } from '../wire/protos.ts';
import { dtypeOf, type Tensor } from '../wire/tensor.ts';
import { OF_CONSTANTS, outputKey, outputOf } from './graph-inputs.ts';
import { inlinedGraph } from './inlined-graph.ts';
import type { GivenShapes } from './input-shapes.ts';
import { MOST_INTEGERS, shapeValue, smallValue } from './known-integers.ts';
import type { Runs } from './model.ts';
import { runsIn } from './runs.ts';
import { inferredShapes } from './shape-inference.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** What is known about a graph without running it. Keys of outputs are `node` for the first, `node:1` for the second, and so on. */
export interface KnownValues {
  /** Every node once, after its inputs; nodes of functions replace the calls. */
  readonly order: readonly NodeDef[];
  /** Values of outputs that depend on constants and variables alone, as far as the operations are known. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Shapes of outputs, for one image. */
  readonly shapes: ReadonlyMap<string, PartialShape>;
  runsOf(node: NodeDef): Runs | undefined;
  /** Number of calls of functions that were not inlined. */
  readonly leftCalls: number;
}

interface Knowledge {
  readonly constants: Map<string, Tensor>;
  /** Integers that depend on shapes, too. */
  readonly integers: Map<string, Tensor>;
  readonly shapes: Map<string, PartialShape>;
}

/**
 * Follows constants, variables and shapes through a graph. If an operation is unknown or does not match its inputs, what depends
 * on it stays unknown.
 *
 * @param variables values by name, also of constants whose values are not in the graph
 * @param given shapes that the graph leaves open
 * @throws UserError `graph` if two nodes have one name or a constant is damaged
 */
export function knownValues(
  graph: GraphDef,
  variables: ReadonlyMap<string, Tensor> = new Map(),
  given: GivenShapes = new Map(),
): KnownValues {
  const inlined = inlinedGraph(graph);
  const order = allInOrder(inlined.graph);
  const allowance = new Allowance();
  const knowledge: Knowledge = { constants: new Map(), integers: new Map(), shapes: new Map() };
  for (const node of order) {
    const inputs = tensorInputs(node);
    learnConstants(node, inputs, knowledge, variables, allowance);
    learnShapes(node, inputs, knowledge, given);
    for (const [output, integers] of learnedIntegers(node, inputs, knowledge, allowance).entries())
      if (integers) knowledge.integers.set(outputKey(node.name, output), integers);
  }
  const { constants, shapes } = knowledge;
  return { order, constants, shapes, runsOf: runsIn(order, inlined), leftCalls: inlined.left };
}

function learnConstants(
  node: NodeDef,
  inputs: readonly string[],
  { constants }: Knowledge,
  variables: ReadonlyMap<string, Tensor>,
  allowance: Allowance,
): void {
  const outputs = isGiven(node, variables)
    ? [variables.get(node.name)]
    : passedOutputs(node, inputs, constants);
  const found = outputs ?? [constantValue(node, inputs, constants, allowance)];
  for (const [output, constant] of found.entries()) {
    if (!constant) continue;
    allowance.hold(constant);
    constants.set(outputKey(node.name, output), constant);
  }
}

const isGiven = (node: NodeDef, variables: ReadonlyMap<string, Tensor>) =>
  isVariable(node) || variables.has(node.name);

/** What is known of each output of a node that passes its inputs on; undefined for other nodes. */
function passedOutputs<T>(
  { op }: NodeDef,
  inputs: readonly string[],
  known: ReadonlyMap<string, T>,
): (T | undefined)[] | undefined {
  return passedPlaces(op, inputs.length, OF_CONSTANTS)?.map((place) => outputOf(known, inputs[place]));
}

function constantValue(
  node: NodeDef,
  inputs: readonly string[],
  constants: ReadonlyMap<string, Tensor>,
  allowance: Allowance,
): Tensor | undefined {
  if (node.op === 'Const') return constantOf(node, allowance);
  const values = inputs.flatMap((input) => outputOf(constants, input) ?? []);
  if (values.length < inputs.length || values.length === 0) return undefined;
  if (isCastToHalf(node)) return values[0];
  return isFoldable(node) ? unlessItFails(() => foldNode(node, values, allowance)) : undefined;
}

/** Whether a node rounds weights to float16: nothing that `inspect` reports changes by that. */
function isCastToHalf(node: NodeDef): boolean {
  const type = node.op === 'Cast' && typeAttribute(node, 'DstT');
  return type === DataType.DT_HALF || type === DataType.DT_BFLOAT16;
}

/** The value of a constant. @returns undefined for types that are not supported, such as strings */
function constantOf(node: NodeDef, allowance: Allowance): Tensor | undefined {
  const value = node.attr.value?.value;
  const readable = value?.case === 'tensor' && dtypeOf(value.value.dtype) !== undefined;
  return readable ? readConstant(node, allowance) : undefined;
}

function learnShapes(
  node: NodeDef,
  inputs: readonly string[],
  { constants, integers, shapes }: Knowledge,
  given: GivenShapes,
): void {
  const constant = constants.get(node.name);
  const integersIn = (index: number) => {
    const input = inputs[index];
    const tensor = outputOf(constants, input) ?? outputOf(integers, input);
    return tensor && tensor.data.length <= MOST_INTEGERS ? Array.from(tensor.data, Number) : undefined;
  };
  const call = { node, inputs: inputs.map((input) => outputOf(shapes, input)), integers: integersIn };
  const found = given.get(node.name) ?? constant?.shape;
  const inferred = unlessItFails(() => inferredShapes(call)) ?? [];
  const outputs = found ? [found, ...inferred.slice(1)] : inferred;
  for (const [index, shape] of outputs.entries()) if (shape) shapes.set(outputKey(node.name, index), shape);
}

/** Integers of each output of a node that is not a constant itself. */
function learnedIntegers(
  node: NodeDef,
  inputs: readonly string[],
  knowledge: Knowledge,
  allowance: Allowance,
): readonly (Tensor | undefined)[] {
  const { constants, integers } = knowledge;
  if (node.op === 'Unpack') return unpackedIntegers(inputs, knowledge);
  if (constants.has(node.name)) return [];
  return passedOutputs(node, inputs, integers) ?? [integersOf(node, inputs, knowledge, allowance)];
}

function integersOf(
  node: NodeDef,
  inputs: readonly string[],
  { constants, integers, shapes }: Knowledge,
  allowance: Allowance,
): Tensor | undefined {
  const shape = shapeValue(node, outputOf(shapes, inputs[0]));
  if (shape) return shape;
  const values = inputs.flatMap((input) => outputOf(integers, input) ?? outputOf(constants, input) ?? []);
  if (values.length < inputs.length || values.length === 0) return undefined;
  if (values.some(({ data }) => data.length > MOST_INTEGERS)) return undefined;
  const folded = isFoldable(node) ? unlessItFails(() => foldNode(node, values, allowance)) : undefined;
  const value = folded ?? unlessItFails(() => smallValue(node, values));
  return value && value.data.length <= MOST_INTEGERS ? value : undefined;
}

/** The single integers of a list, such as a shape. */
function unpackedIntegers(inputs: readonly string[], { constants, integers }: Knowledge): Tensor[] {
  const list = outputOf(integers, inputs[0]) ?? outputOf(constants, inputs[0]);
  if (list?.shape.length !== 1 || list.data.length > MOST_INTEGERS) return [];
  return Array.from(list.data, Number).map((value) => ({
    dtype: 'int32',
    shape: [],
    data: Int32Array.of(value),
  }));
}

function unlessItFails<T>(compute: () => T | undefined): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
