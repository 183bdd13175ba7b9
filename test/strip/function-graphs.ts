import { create } from '@bufbuild/protobuf';
import { type Attributes, node, shapeAttr, typeListAttr } from '../../src/graph/index.ts';
import { type StripOptions, strippedGraph } from '../../src/strip/index.ts';
import {
  type AttrValue,
  AttrValue_ListValueSchema,
  AttrValueSchema,
  DataType,
  type FunctionDef,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  type GraphDef,
  type MetaGraphDef,
  NameAttrListSchema,
  type NodeDef,
  OpDef_ArgDefSchema,
  OpDefSchema,
} from '../../src/wire/protos.ts';
import { float32Tensor, type Tensor } from '../../src/wire/tensor.ts';
import { FLOAT, images, mask, metaGraphOf, refVariable, weights } from './graphs.ts';

export const T = { T: FLOAT };
const { DT_FLOAT, DT_RESOURCE } = DataType;

/** The type of an argument by its name: handles of variables are named so. */
const typeOf = (name: string) => (name.endsWith('handle') ? DT_RESOURCE : DT_FLOAT);

/** @param ret the values of the results, named `result_0` and so on, all float32 but for handles that are passed on */
export function functionDef(
  name: string,
  args: readonly string[],
  nodeDef: NodeDef[],
  ret: readonly string[],
): FunctionDef {
  const argDef = (argument: string, type: DataType) => create(OpDef_ArgDefSchema, { name: argument, type });
  return create(FunctionDefSchema, {
    signature: create(OpDefSchema, {
      name,
      inputArg: args.map((each) => argDef(each, typeOf(each))),
      outputArg: ret.map((value, index) => argDef(`result_${index}`, typeOf(value))),
    }),
    nodeDef,
    ret: Object.fromEntries(ret.map((value, index) => [`result_${index}`, value])),
    attr: { _input_shapes: typeListAttr([]) },
  });
}

const func = (name: string) => create(NameAttrListSchema, { name });

function functionAttr(called: string | readonly string[]): AttrValue {
  if (typeof called === 'string')
    return create(AttrValueSchema, { value: { case: 'func', value: func(called) } });
  const value = create(AttrValue_ListValueSchema, { func: called.map(func) });
  return create(AttrValueSchema, { value: { case: 'list', value } });
}

/** A node that calls functions, which its attributes name. */
export function callNode(
  name: string,
  op: string,
  inputs: readonly string[],
  functions: Readonly<Record<string, string | readonly string[]>>,
  types: Attributes = {},
): NodeDef {
  const called = Object.entries(functions).map(([key, each]) => [key, functionAttr(each)]);
  return node(name, op, inputs, { ...types, ...Object.fromEntries(called) });
}

const list = (count: number) => typeListAttr(new Array<DataType>(count).fill(DT_FLOAT));

export const partitionedCall = (name: string, f: string, inputs: readonly string[], results = 1) =>
  callNode(name, 'PartitionedCall', inputs, { f }, { Tin: list(inputs.length), Tout: list(results) });

export const whileNode = (name: string, inputs: readonly string[], cond: string, body: string) =>
  callNode(name, 'While', inputs, { cond, body }, { T: list(inputs.length) });

/** A variable that is a resource, without a read of it. */
export const variable = (name: string, shape: number[]) =>
  node(name, 'VarHandleOp', [], { dtype: FLOAT, shape: shapeAttr(shape) });

export const read = (name: string, handle: string) =>
  node(name, 'ReadVariableOp', [handle], { dtype: FLOAT });

export function metaGraphWith(nodes: NodeDef[], functions: FunctionDef[]): MetaGraphDef {
  const metaGraph = metaGraphOf(nodes);
  metaGraph.graphDef!.library = create(FunctionDefLibrarySchema, { function: functions });
  return metaGraph;
}

/** Values of weights, masks, and `v`, which masks nothing. */
export const saved = new Map<string, Tensor>([
  ['w', weights],
  ['mask', mask],
  ['other/mask', mask],
  ['v', float32Tensor([3, 2], Float32Array.of(7, 1, 1, 1, 1, 8))],
]);
/** `w` behind `mask`. */
export const MASKED = [1, 0, 0, 0, 5, -6];
export const handles = [images, variable('w', [3, 2]), variable('mask', [3, 2])];
export const references = [images, ...refVariable('w', [3, 2]), ...refVariable('mask', [3, 2])];

export const mul = (name: string, a: string, b: string) => node(name, 'Mul', [a, b], T);
export const matMul = (name: string, a: string, b: string) => node(name, 'MatMul', [a, b], T);
export const layer = functionDef(
  'layer',
  ['x', 'm', 'w'],
  [mul('product', 'm', 'w'), matMul('out', 'x', 'product:z:0')],
  ['out:product:0'],
);

/** Strips a graph whose output is `y`. */
export const strip = (nodes: NodeDef[], functions: FunctionDef[], options: Partial<StripOptions> = {}) =>
  strippedGraph(metaGraphWith(nodes, functions), saved, { outputNodeNames: ['y'], ...options });

/** What the error `graph` says that refuses a graph. */
export function refusal(nodes: NodeDef[], functions: FunctionDef[]): string {
  try {
    strip(nodes, functions);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'graph') throw error;
    return message;
  }
  throw new Error('no error was thrown');
}

/** A graph's functions as their arguments, nodes and results. */
export function described({ library }: GraphDef) {
  return Object.fromEntries(
    (library?.function ?? []).map(({ signature, nodeDef, ret }) => [
      signature!.name,
      {
        args: signature!.inputArg.map(({ name }) => name),
        nodes: nodeDef.map(({ name, op, input }) => [name, op, ...input].join(' ')),
        results: signature!.outputArg.map(({ name }) => ret[name]),
      },
    ]),
  );
}
