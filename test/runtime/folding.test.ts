import { describe, expect, it } from 'vitest';
import { constant, graphDef, node, typeAttr } from '../../src/graph/index.ts';
import { planGraph } from '../../src/runtime/plan.ts';
import { DataType } from '../../src/wire/protos.ts';
import { elementCount } from '../../src/wire/tensor.ts';
import { floats, image, integers, op } from './graphs.ts';

describe('a graph of constants that are decoded', () => {
  const bytes = (name: string, shape: readonly number[], data: ArrayLike<number>) =>
    constant(name, { dtype: 'uint8', shape, data: Uint8Array.from(data) });
  /** Weights of which a bit each says whether they are zero, and a list holds the others behind a leading 0. */
  const sparse = [
    bytes('bits', [2, 1], [0b01000010, 0b11]),
    bytes('shifts', [8], [0, 1, 2, 3, 4, 5, 6, 7]),
    bytes('one', [], [1]),
    floats('survivors', [5], [0, 1.5, -2, 3, 4]),
    integers('all', -1),
    integers('count', 12),
    integers('none', 0),
    integers('shape', 4, 3),
    constant('axis', { dtype: 'int32', shape: [], data: Int32Array.of(0) }),
    node('shifted', 'RightShift', ['bits', 'shifts']),
    node('bit', 'BitwiseAnd', ['shifted', 'one']),
    node('row', 'Reshape', ['bit', 'all']),
    node('cut', 'Slice', ['row', 'none', 'count']),
    node('kept', 'Cast', ['cut'], { DstT: typeAttr(DataType.DT_INT32) }),
    node('sum', 'Cumsum', ['kept', 'axis']),
    node('index', 'Mul', ['sum', 'kept']),
    node('flat', 'GatherV2', ['survivors', 'index', 'axis']),
    node('weights', 'Reshape', ['flat', 'shape']),
  ];
  const product = (weights: string) => op('y', 'MatMul', ['images', weights]);
  const decoded = [0, 1.5, 0, 0, 0, 0, -2, 0, 3, 4, 0, 0];

  it('what decodes weights is computed once, and planned as the weights alone', () => {
    const { plan } = planGraph(graphDef([image(-1, 4), ...sparse, product('weights')]), 'y');
    expect(plan.operations.map(({ name, compute: { op } }) => [name, op])).toEqual([
      ['images', 'Placeholder'],
      ['weights', 'Const'],
      ['y', 'MatMul'],
    ]);
    const { compute } = plan.operations[1]!;
    expect(compute).toEqual({ op: 'Const', shape: [4, 3], values: Float32Array.from(decoded) });
  });

  it('constants that several read are planned once', () => {
    const nodes = [
      image(-1, 2),
      floats('two', [], [2]),
      node('same', 'Identity', ['two']),
      op('doubled', 'Mul', ['images', 'two']),
      op('y', 'Add', ['doubled', 'same']),
    ];
    expect(planGraph(graphDef(nodes), 'y').plan.operations.map(({ name }) => name)).toEqual([
      'images',
      'two',
      'doubled',
      'y',
    ]);
  });

  it('a million weights are decoded', () => {
    const count = 2 ** 20;
    const draw = (i: number) => (i * 2654435761) % 256;
    const large = sparse.map((each) => {
      if (each.name === 'bits')
        return bytes(
          'bits',
          [count / 8, 1],
          new Uint8Array(count / 8).map((_, i) => draw(i)),
        );
      if (each.name === 'survivors') return floats('survivors', [count], new Float32Array(count).fill(1));
      if (each.name === 'count') return integers('count', count);
      if (each.name === 'shape') return integers('shape', 4, count / 4);
      return each;
    });
    const graph = graphDef([image(-1, 4), ...large, product('weights')]);
    const { plan } = planGraph(graph, 'y');
    const { compute } = plan.operations[1]!;
    expect(compute.op === 'Const' && elementCount(compute.shape)).toBe(count);
  });

  it.each([
    [
      'Cast',
      ['images'],
      'node y (Cast) depends on the images, but this runtime computes it from constants only',
    ],
    ['Pack', ['images', 'images'], 'node y (Pack) depends on the images'],
    ['Sub', ['images', 'images'], 'node y (Sub) depends on the images'],
  ])('%s of the images is refused', (operation, inputs, message) => {
    expect(() => planGraph(graphDef([image(-1, 2), op('y', operation, inputs)]), 'y')).toThrow(message);
  });
});
