import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { boolAttr, intAttr, node } from '../../src/graph/index.ts';
import { portable } from '../../src/strip/portable.ts';
import {
  FunctionDef_ArgAttrsSchema,
  FunctionDefLibrarySchema,
  FunctionDefSchema,
  GraphDefSchema,
} from '../../src/wire/protos.ts';
import { functionDef, partitionedCall, T } from './function-graphs.ts';

const layer = create(FunctionDefSchema, {
  ...functionDef('layer', ['x'], [partitionedCall('inner_call', 'inner', ['x'])], ['inner_call:output:0']),
  argAttr: { 0: create(FunctionDef_ArgAttrsSchema, { attr: { kept: intAttr(1), _user: boolAttr(true) } }) },
});
const inner = functionDef(
  'inner',
  ['x'],
  [node('y', 'Relu', ['x'], { ...T, _XlaCompile: boolAttr(true) })],
  [],
);
const parse = functionDef('parse', ['x'], [node('y', 'DecodeRaw', ['x'])], []);
const ofGradient = (name: string) => ({ functionName: name, gradientFunc: `${name}_gradient` });
const library = create(FunctionDefLibrarySchema, {
  function: [create(FunctionDefSchema, {}), layer, inner, parse],
  gradient: [ofGradient('inner'), ofGradient('parse')],
});
const versions = { producer: 38, minConsumer: 12 };

it('keeps the functions that nodes call and those that these call, tied to nothing, and their gradients', () => {
  const { library: kept, ...graph } = portable(
    create(GraphDefSchema, { node: [partitionedCall('call', 'layer', ['x'])], library, versions }),
  );
  expect(graph.versions).toMatchObject(versions);
  expect(kept!.function.map(({ signature }) => signature!.name)).toEqual(['layer', 'inner']);
  expect(kept!.gradient).toMatchObject([ofGradient('inner')]);
  expect(kept!.function[0]!.argAttr[0]!.attr).toEqual({ kept: intAttr(1) });
  expect(kept!.function.map(({ attr }) => attr)).toEqual([{}, {}]);
  expect(kept!.function[1]!.nodeDef[0]!.attr).toEqual(T);
});

it('keeps no library where nothing calls a function, and makes up no version', () => {
  const graph = portable(create(GraphDefSchema, { node: [node('y', 'Relu', ['x'])], library }));
  expect(graph.library).toBeUndefined();
  expect(graph.versions).toBeUndefined();
});
