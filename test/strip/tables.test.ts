import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { savedModel } from '../../src/export/saved-model/index.ts';
import { tfjs } from '../../src/export/tfjs/index.ts';
import { constant, node } from '../../src/graph/index.ts';
import { sinks } from '../../src/runtime/order.ts';
import { strippedGraph } from '../../src/strip/index.ts';
import { SavedModelSchema } from '../../src/wire/protos.ts';
import { metaGraphOf, names } from './graphs.ts';

const text = (name: string) => constant(name, { dtype: 'int32', shape: [1], data: Int32Array.of(1) });
const meta = metaGraphOf([
  node('x', 'Placeholder', []),
  node('table', 'HashTableV2', []),
  text('keys'),
  text('values'),
  node('table_init', 'InitializeTableV2', ['table', 'keys', 'values']),
  node('init_all_tables', 'NoOp', ['^table_init']),
  node('train', 'NoOp', ['^x']),
  node('y', 'LookupTableFindV2', ['table', 'x', 'values']),
]);
const strip = (...outputNodeNames: string[]) => strippedGraph(meta, new Map(), { outputNodeNames });

describe('a lookup table', () => {
  it('that nothing fills is warned of, with what would', () => {
    const { graph, report } = strip('y');
    expect(names(graph)).toEqual(['x', 'table', 'values', 'y']);
    expect(report.warnings).toContain(
      'the lookup table table (HashTableV2) will be empty: add init_all_tables to --output_node_names, and run that first',
    );
  });

  it.each(['init_all_tables', 'table_init'])(
    'keeps its initializer %s where it is asked for',
    (initializer) => {
      const { graph, report } = strip('y', initializer);
      expect(names(graph)).toEqual(expect.arrayContaining(['keys', 'table_init', initializer]));
      expect(report).toMatchObject({ outputs: ['y'], initializers: [initializer] });
      expect(report.warnings).toEqual(['the outputs need no masked weights: 0 weight tensors were folded']);
      expect(sinks(graph)).toEqual(['y']);
      const [file] = savedModel.encode(graph, { filename: 'a.pb', weightFormat: 'dense', outputs: ['y'] });
      const { signatureDef } = fromBinary(SavedModelSchema, file!.bytes).metaGraphs[0]!;
      const key = '__saved_model_init_op';
      expect(signatureDef[key]!.outputs[key]!.encoding.value).toBe(initializer);
    },
  );

  it('keeps its initializer where that waits for others, which wait themselves', () => {
    const nested = metaGraphOf([
      ...meta.graphDef!.node.filter(({ name }) => name !== 'table_init'),
      node('table_init', 'InitializeTableV2', ['table', 'keys', 'values', '^x']),
      node('init', 'NoOp', ['^init_all_tables']),
    ]);
    const { graph } = strippedGraph(nested, new Map(), { outputNodeNames: ['init'] });
    expect(graph.node.map(({ name, input }) => [name, ...input])).toEqual([
      ['table'],
      ['keys'],
      ['values'],
      ['init_all_tables', '^table_init'],
      ['table_init', 'table', 'keys', 'values'],
      ['init', '^init_all_tables'],
    ]);
  });

  it('is warned of alone where another is filled, with its own initializer', () => {
    const lookup = (name: string) => [
      node(name, 'HashTableV2', []),
      node(`find_${name}`, 'LookupTableFindV2', [name, 'x', 'values']),
    ];
    const tables = metaGraphOf([
      node('x', 'Placeholder', []),
      text('keys'),
      text('values'),
      ...['first', 'second', 'third'].flatMap(lookup),
      node('fill_second', 'InitializeTableV2', ['second', 'keys', 'values', '^fill_first']),
      node('fill_first', 'InitializeTableV2', ['first', 'keys', 'values']),
      node('init_second', 'NoOp', ['^fill_second']),
      node('init_first', 'NoOp', ['^fill_first']),
    ]);
    const warnings = (...more: string[]) => {
      const outputNodeNames = ['find_first', 'find_second', 'find_third', ...more];
      return strippedGraph(tables, new Map(), { outputNodeNames }).report.warnings.slice(1);
    };
    const empty = (name: string, advice: string) =>
      `the lookup table ${name} (HashTableV2) will be empty: ${advice}`;
    const add = (initializer: string) => `add ${initializer} to --output_node_names, and run that first`;
    const third = empty('third', 'no node of the graph fills it');
    expect(warnings()).toEqual([
      empty('first', add('init_first')),
      empty('second', add('init_second')),
      third,
    ]);
    expect(warnings('init_first')).toEqual([empty('second', add('init_second')), third]);
  });

  it('cannot go with a node that does more than fill it', () => {
    expect(() => strip('y', 'train')).toThrow('train (NoOp) gives no tensor');
  });

  it('is refused by TensorFlow.js, which would find it empty', () => {
    const { graph } = strip('y');
    expect(() => tfjs.encode(graph, { filename: 'a.pb', weightFormat: 'dense' })).toThrow(
      'node table (HashTableV2) is a lookup table, which this export cannot fill',
    );
  });
});
