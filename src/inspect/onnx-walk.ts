import { onnxGraphAttribute, onnxInteger } from '../formats/onnx/attributes.ts';
import { ONNX_ARRANGING, onnxConstant } from '../formats/onnx/constants.ts';
import type { onnx } from '../wire/protos.ts';
import type { GivenShapes } from './input-shapes.ts';
import { MOST_INTEGERS } from './known-integers.ts';
import type { Runs } from './model.ts';
import type { OnnxCall, SmallTensor } from './onnx-call.ts';
import type { OnnxConstant } from './onnx-constant.ts';
import { onnxSmallTensor } from './onnx-integers.ts';
import { type OnnxProduct, onnxProducts } from './onnx-products.ts';
import { declaredOnnxShape, onnxOutputShapes } from './onnx-shapes.ts';
import { merged, type PartialShape } from './shapes/partial-shape.ts';

/** What is known of the tensors of a graph, by their names. Tensors of a body hide those of the same name around it. */
export class OnnxScope {
  readonly constants = new Map<string, OnnxConstant>();
  readonly shapes = new Map<string, PartialShape>();
  readonly smalls = new Map<string, SmallTensor>();
  readonly #outer: OnnxScope | undefined;

  constructor(outer?: OnnxScope) {
    this.#outer = outer;
  }

  constant(name: string): OnnxConstant | undefined {
    return this.constants.get(name) ?? this.#outer?.constant(name);
  }

  shape(name: string): PartialShape | undefined {
    return this.constant(name)?.value.shape ?? this.shapes.get(name) ?? this.#outer?.shape(name);
  }

  small(name: string): SmallTensor | undefined {
    const constant = this.constant(name)?.value;
    if (!constant) return this.smalls.get(name) ?? this.#outer?.small(name);
    if (constant.values.length > MOST_INTEGERS) return undefined;
    return { shape: constant.shape, values: Array.from(constant.values) };
  }
}

/** The input and the results of a walk. */
export interface OnnxWalk {
  readonly given: GivenShapes;
  /** Reads the tensors that a graph holds into a scope. */
  hold(graph: onnx.GraphProto, scope: OnnxScope): void;
  readonly products: OnnxProduct[];
}

const MAX_DEPTH = 32;
const BODIES = ['body', 'then_branch', 'else_branch'];

/** Decodes weights into the scope and finds the nodes that multiply by them. ONNX nodes come after their inputs. */
export function walkOnnx(
  graph: onnx.GraphProto,
  scope: OnnxScope,
  walk: OnnxWalk,
  runs?: Runs,
  depth = 0,
): void {
  walk.hold(graph, scope);
  const declared = new Map<string, PartialShape>();
  for (const info of [...graph.input, ...graph.valueInfo, ...graph.output]) {
    const shape = declaredOnnxShape(info);
    if (shape) declared.set(info.name, shape);
  }
  for (const { name } of graph.input) {
    const shape =
      walk.given.get(name) ?? (depth === 0 ? oneImage(graph, name, declared) : declared.get(name));
    if (shape && !scope.shapes.has(name)) scope.shapes.set(name, shape);
  }
  for (const node of graph.node) {
    learnConstant(node, scope);
    const call: OnnxCall = {
      node,
      inputs: node.input.map((name) => scope.shape(name)),
      small: (input) => scope.small(node.input[input] ?? ''),
    };
    const small = onnxSmallTensor(call);
    if (small && node.output[0]) scope.smalls.set(node.output[0], small);
    const bodies = depth < MAX_DEPTH ? walkBodies(node, scope, walk, runs, depth) : [];
    const inferred = bodies.length > 0 ? bodies : onnxOutputShapes(call);
    for (const [output, name] of node.output.entries()) {
      const shape = walk.given.get(name) ?? merged(inferred[output], declared.get(name));
      if (shape) scope.shapes.set(name, shape);
    }
    const operands = {
      node,
      constants: node.input.map((name) => scope.constant(name)),
      shapes: call.inputs,
      result: scope.shape(node.output[0] ?? ''),
    };
    walk.products.push(...onnxProducts(operands, runs));
  }
}

function learnConstant(node: onnx.NodeProto, scope: OnnxScope): void {
  const [output = ''] = node.output;
  const given = node.input.filter((name) => name !== '');
  const inputs = given.flatMap((name) => scope.constant(name) ?? []);
  if (inputs.length < given.length) return;
  const values = inputs.map((input) => input.value);
  const value = onnxConstant(node, values);
  if (!value) return;
  const [first] = inputs;
  const isArranged = first !== undefined && ONNX_ARRANGING.has(node.opType);
  // ConstantOfShape gives a tensor of its own, not one of its inputs.
  const isStored = node.opType === 'ConstantOfShape' || !first;
  scope.constants.set(output, {
    value,
    bytes: isStored && !first ? value.values.byteLength : inputs.reduce((sum, { bytes }) => sum + bytes, 0),
    key: isStored ? output : first.key,
    name: isArranged ? first.name : output,
    shape: isArranged ? first.shape : value.shape,
  });
}

/** Walks the graphs that a node runs. @returns the shapes of the node's outputs, if it runs any graph */
function walkBodies(
  node: onnx.NodeProto,
  scope: OnnxScope,
  walk: OnnxWalk,
  runs: Runs | undefined,
  depth: number,
): (PartialShape | undefined)[] {
  let outputs: (PartialShape | undefined)[] = [];
  for (const key of BODIES) {
    const body = onnxGraphAttribute(node, key);
    if (!body) continue;
    const inner = new OnnxScope(scope);
    for (const [index, { name }] of body.input.entries()) {
      const shape = argumentShape(node, body.input.length, index, scope);
      if (shape) inner.shapes.set(name, shape);
    }
    walkOnnx(body, inner, walk, key === 'body' ? 'per iteration' : (runs ?? 'in a branch'), depth + 1);
    const results = body.output.map(({ name }) => inner.shape(name));
    // The first result of a Loop's body is its condition.
    outputs = node.opType === 'Loop' ? results.slice(1) : node.opType === 'Scan' ? [] : results;
    if (node.opType === 'Loop') outputs = outputs.slice(0, Math.max(0, node.input.length - 2));
  }
  return outputs;
}

/** The shape of a body's input. A Loop's inputs are its count, its condition and its state, a Scan's its state and slices. */
function argumentShape(
  node: onnx.NodeProto,
  count: number,
  index: number,
  scope: OnnxScope,
): PartialShape | undefined {
  if (node.opType === 'Loop') return index < 2 ? [] : scope.shape(node.input[index] ?? '');
  if (node.opType !== 'Scan') return undefined;
  const scanned = onnxInteger(node, 'num_scan_inputs', 0);
  const shape = scope.shape(node.input[index] ?? '');
  return index < count - scanned ? shape : shape?.slice(1);
}

const RECURRENT = new Set(['LSTM', 'GRU', 'RNN']);

/** The batch axis of an input: the first, or the second if a recurrent layer, whose first axis is time, reads the input directly. */
export function batchAxis({ node }: onnx.GraphProto, input: string): 0 | 1 {
  const isTimeFirst = (each: onnx.NodeProto) =>
    RECURRENT.has(each.opType) && each.input[0] === input && onnxInteger(each, 'layout', 0) === 0;
  return node.some(isTimeFirst) ? 1 : 0;
}

/** The shape for one image: an open extent on the batch axis becomes 1. */
function oneImage(
  graph: onnx.GraphProto,
  input: string,
  declared: ReadonlyMap<string, PartialShape>,
): PartialShape | undefined {
  const shape = declared.get(input);
  const axis = batchAxis(graph, input);
  return shape && shape.length > 1 && shape[axis] === undefined ? shape.with(axis, 1) : shape;
}
