import { expect, it } from 'vitest';
import { constant, graphDef, node, shapeAttr, shapeListAttr, typeAttr } from '../../src/graph/index.ts';
import { openBatch } from '../../src/strip/open-batch.ts';
import { DataType } from '../../src/wire/protos.ts';
import { constantValue, FLOAT, find } from './graphs.ts';

const INT64 = typeAttr(DataType.DT_INT64);
const shape = constant('shape', { dtype: 'int64', shape: [2], data: BigInt64Array.of(6n, 4n) });
const x = (noted: number[]) => node('x', 'Strange', [], { _output_shapes: shapeListAttr([noted]) });
const reshape = (inputs: string[], noted?: number[]) =>
  node('y', 'Reshape', inputs, {
    T: FLOAT,
    Tshape: INT64,
    ...(noted && { _output_shapes: shapeListAttr([noted]) }),
  });

it.each<[from: number[], to: number[], open: number[] | undefined]>([
  [
    [6, 2, 2],
    [6, 4],
    [-1, 4],
  ],
  [
    [-1, 2, 2],
    [6, 4],
    [-1, 4],
  ],
  // Two images a row.
  [[-1, 2, 2], [6, 8], undefined],
  [[6, 4], [3, 8], undefined],
  [[6, 4], [24, 1], undefined],
  [[6, 2, -1], [6, -1, 2], undefined],
  [[6, 2, 0], [6, 0], undefined],
])('a Reshape from %j to %j is opened to %j', (from, to, open) => {
  const graph = openBatch(graphDef([x(from), shape, reshape(['x', 'shape'], to)]));
  const { input, attr } = find(graph, 'y');
  expect(input).toEqual(['x', open ? 'y/open_shape' : 'shape']);
  expect(attr.Tshape).toEqual(open ? typeAttr(DataType.DT_INT32) : INT64);
  if (open)
    expect(constantValue(graph, 'y/open_shape')).toMatchObject({
      dtype: 'int32',
      data: Int32Array.from(open),
    });
});

it('a Reshape of a placeholder that only declares its shape is opened', () => {
  const declared = node('x', 'Placeholder', [], { dtype: FLOAT, shape: shapeAttr([6, 2, 2]) });
  const graph = openBatch(graphDef([declared, shape, reshape(['x', 'shape'], [6, 4])]));
  expect(find(graph, 'y').input).toEqual(['x', 'y/open_shape']);
});

it.each([
  ['a Reshape whose shape is not noted', [x([6, 2, 2]), shape, reshape(['x', 'shape'])]],
  ['a Reshape of what notes no shape', [node('x', 'Strange', []), shape, reshape(['x', 'shape'], [6, 4])]],
  [
    'a Reshape to what is computed',
    [x([6, 2, 2]), shape, node('computed', 'Strange', ['shape']), reshape(['x', 'computed'], [6, 4])],
  ],
  [
    'another operation by a constant',
    [x([6, 4]), shape, node('y', 'Add', ['x', 'shape'], { _output_shapes: shapeListAttr([[6, 4]]) })],
  ],
])('%s stays as it is', (_, nodes) => {
  expect(openBatch(graphDef(nodes)).node).toEqual(nodes);
});
