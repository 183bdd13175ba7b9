import { create } from '@bufbuild/protobuf';
import { type Attributes, node, shapeAttr, typeListAttr } from '../../src/graph/index.ts';
import {
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
import { FLOAT, metaGraphOf } from './graphs.ts';

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

const func = (name: string) =>
  create(AttrValueSchema, { value: { case: 'func', value: create(NameAttrListSchema, { name }) } });

/** A node that calls functions, which its attributes name. */
export function callNode(
  name: string,
  op: string,
  inputs: readonly string[],
  functions: Readonly<Record<string, string>>,
  types: Attributes,
): NodeDef {
  const called = Object.entries(functions).map(([key, each]) => [key, func(each)]);
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
