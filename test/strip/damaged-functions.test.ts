import { clone } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { identity, node } from '../../src/graph/index.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import {
  DataType,
  type FunctionDef,
  type MetaGraphDef,
  type NodeDef,
  NodeDefSchema,
} from '../../src/wire/protos.ts';
import {
  functionDef,
  metaGraphWith,
  partitionedCall,
  read,
  T,
  variable,
  whileNode,
} from './function-graphs.ts';
import { images, mask, refVariable, weights } from './graphs.ts';

const mul = (name: string, a: string, b: string) => node(name, 'Mul', [a, b], T);

/** A loop of a function that calls another, of variables by reference and as resources. */
function wholeGraph(): MetaGraphDef {
  const layer = functionDef(
    'layer',
    ['x', 'm', 'w_handle'],
    [
      read('read', 'w_handle'),
      mul('product', 'm', 'read:value:0'),
      node('out', 'MatMul', ['x', 'product:z:0'], T),
    ],
    ['out:product:0', 'product:z:0'],
  );
  const body = functionDef(
    'body',
    ['h', 'm', 'w_handle'],
    [
      partitionedCall('call', 'layer', ['h', 'm', 'w_handle'], 2),
      mul('scaled', 'call:output:0', 'call:output:1'),
    ],
    ['scaled:z:0', 'm', 'w_handle'],
  );
  const cond = functionDef('cond', ['h', 'm', 'w_handle'], [node('more', 'Op', ['h'])], ['more:z:0']);
  return metaGraphWith(
    [
      // Each case damages a graph of its own.
      clone(NodeDefSchema, images),
      variable('w', [3, 2]),
      ...refVariable('mask', [3, 2]),
      whileNode('loop', ['images', 'mask/read', 'w'], 'cond', 'body'),
      partitionedCall('after', 'layer', ['loop', 'loop:1', 'loop:2'], 2),
      identity('y', 'after', DataType.DT_FLOAT),
    ],
    [layer, body, cond],
  );
}

const strip = (meta: MetaGraphDef) =>
  strippedGraph(
    meta,
    new Map([
      ['w', weights],
      ['mask', mask],
    ]),
    { outputNodeNames: ['y'] },
  );

const text = fc.constantFrom(
  'x',
  'm',
  'w_handle',
  'h',
  'call:output:7',
  'call:z',
  'read:value:0',
  'gone',
  '',
  ':',
  '^m',
  'loop:-1',
);
const at = fc.nat({ max: 20 });
const chosen = <Item>(items: readonly Item[], index: number) => items[index % items.length];

type Mutation = (nodes: NodeDef[], functions: FunctionDef[]) => void;
const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(at, at, text).map(
    ([which, input, instead]): Mutation =>
      (nodes) => {
        const given = chosen(nodes, which)?.input;
        if (given && given.length > 0) given[input % given.length] = instead;
      },
  ),
  fc.tuple(at, at).map(
    ([which, input]): Mutation =>
      (nodes) => {
        const given = chosen(nodes, which)?.input;
        given?.splice(input % (given.length || 1), 1);
      },
  ),
  fc.tuple(at, text).map(
    ([which, name]): Mutation =>
      (nodes) => {
        const found = chosen(nodes, which);
        if (found) found.name = name;
      },
  ),
  fc.tuple(at, at).map(
    ([which, index]): Mutation =>
      (nodes) => {
        const found = chosen(nodes, which);
        const keys = Object.keys(found?.attr ?? {});
        if (keys.length > 0) delete found!.attr[keys[index % keys.length]!];
      },
  ),
  fc.tuple(at, at).map(
    ([which, index]): Mutation =>
      (_, functions) => {
        chosen(functions, which)?.signature?.inputArg.splice(index % 4, 1);
      },
  ),
  fc.tuple(at, at).map(
    ([which, index]): Mutation =>
      (_, functions) => {
        chosen(functions, which)?.signature?.outputArg.splice(index % 4, 1);
      },
  ),
  fc.tuple(at, at, text).map(
    ([which, index, value]): Mutation =>
      (_, functions) => {
        const found = chosen(functions, which);
        if (found) found.ret[`result_${index % 3}`] = value;
      },
  ),
  at.map(
    (which): Mutation =>
      (_, functions) => {
        functions.splice(which % functions.length, 1);
      },
  ),
  at.map(
    (which): Mutation =>
      (_, functions) => {
        const found = chosen(functions, which);
        if (found) found.signature = undefined;
      },
  ),
);

it('functions that are whole are stripped', () => {
  expect(strip(wholeGraph()).report.tensors.map(({ zeros }) => zeros)).toEqual([3, 3]);
});

it('functions that are damaged are stripped or refused, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(mutations, { minLength: 1, maxLength: 4 }), (list) => {
      const meta = wholeGraph();
      const functions = meta.graphDef!.library!.function;
      for (const mutate of list)
        mutate([...meta.graphDef!.node, ...functions.flatMap(({ nodeDef }) => nodeDef)], functions);
      try {
        strip(meta);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { numRuns: 1000, seed: 9 },
  );
});
