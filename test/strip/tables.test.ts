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
      expect(report.warnings.join()).not.toContain('table');
      expect(sinks(graph)).toEqual(['y']);
      const [file] = savedModel.encode(graph, { filename: 'a.pb', weightFormat: 'dense', outputs: ['y'] });
      const { signatureDef } = fromBinary(SavedModelSchema, file!.bytes).metaGraphs[0]!;
      const key = '__saved_model_init_op';
      expect(signatureDef[key]!.outputs[key]!.encoding.value).toBe(initializer);
    },
  );

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
