import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boolAttr, graphDef, intListAttr, shapeListAttr, stringAttr } from '../../src/graph/index.ts';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import { GraphDefSchema, type NodeDef } from '../../src/wire/protos.ts';
import { floats, image, integers, op, sliding } from '../runtime/graphs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-frozen-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function inspect(...nodes: NodeDef[]) {
  const path = join(folder, 'model');
  await writeFile(path, toBinary(GraphDefSchema, graphDef(nodes)));
  return inspection(await loadModel(path));
}

/** Every third value is not zero. */
const thirds = (count: number) => Array.from({ length: count }, (_, index) => (index % 3 === 0 ? 1 : 0));

describe('multiply-adds of one image', () => {
  test('of a convolution: its weights times the pixels that come out', async () => {
    const { weights, notices } = await inspect(
      image(-1, 6, 8, 2),
      floats('filter', [3, 3, 2, 4], thirds(72)),
      op('conv', 'Conv2D', ['images', 'filter'], sliding('SAME', 2)),
    );
    expect(weights).toMatchObject([
      { name: 'filter', shape: [3, 3, 2, 4], values: 72, nonzero: 24, sparsity: 1 - 24 / 72, bytes: 288 },
    ]);
    expect(weights[0]!.multiplyAdds).toEqual({ dense: 3 * 4 * 72, effective: 3 * 4 * 24 });
    expect(notices).toEqual([]);
  });

  test('of convolutions with one filter for each channel', async () => {
    const { weights } = await inspect(
      image(-1, 5, 5, 2),
      floats('filter', [3, 3, 2, 1], thirds(18)),
      op('conv', 'DepthwiseConv2dNative', ['images', 'filter'], {
        padding: stringAttr('VALID'),
        strides: intListAttr([1, 1, 1, 1]),
      }),
    );
    expect(weights[0]!.multiplyAdds).toEqual({ dense: 3 * 3 * 18, effective: 3 * 3 * 6 });
  });

  test('of a matrix product: its weights once, however many images the graph takes', async () => {
    for (const batch of [-1, 16]) {
      const { weights } = await inspect(
        image(batch, 2, 2, 1),
        integers('shape', batch, 4),
        op('flat', 'Reshape', ['images', 'shape']),
        floats('matrix', [4, 3], thirds(12)),
        op('product', 'MatMul', ['flat', 'matrix']),
      );
      expect(weights[0]!.multiplyAdds).toEqual({ dense: 12, effective: 4 });
    }
  });

  test('of weights that are used twice, twice', async () => {
    const { weights, total } = await inspect(
      image(-1, 4),
      floats('matrix', [4, 4], thirds(16)),
      op('first', 'MatMul', ['images', 'matrix']),
      op('second', 'MatMul', ['first', 'matrix']),
    );
    expect(weights).toHaveLength(1);
    expect(total.values).toBe(16);
    expect(total.multiplyAdds).toEqual({
      dense: 32,
      effective: 12,
      unknown: 0,
      perIteration: 0,
      inBranch: 0,
    });
  });

  test('are not told behind an operation that is not known, and are where shapes are noted behind it', async () => {
    const { weights, notices } = await inspect(
      image(-1, 6, 6, 1),
      op('warp', 'Warp', ['images']),
      floats('filter', [3, 3, 1, 2], thirds(18)),
      op('conv', 'Conv2D', ['warp', 'filter'], sliding('SAME', 1)),
      integers('shape', -1, 72),
      op('flat', 'Reshape', ['conv', 'shape'], { _output_shapes: shapeListAttr([[-1, 72]]) }),
      floats('matrix', [72, 2], thirds(144)),
      op('product', 'MatMul', ['flat', 'matrix']),
    );
    expect(weights.map(({ multiplyAdds }) => multiplyAdds?.dense)).toEqual([undefined, 144]);
    expect(notices).toEqual(['multiply-adds of conv are not known, since their shapes are not']);
  });

  test('of what is computed backwards are none of a prediction', async () => {
    const { total } = await inspect(
      image(-1, 4),
      floats('matrix', [4, 4], thirds(16)),
      op('product', 'MatMul', ['images', 'matrix']),
      op('gradients/product_grad/MatMul', 'MatMul', ['product', 'matrix'], { transpose_b: boolAttr(true) }),
    );
    expect(total.multiplyAdds.dense).toBe(16);
  });
});

test('a matrix with the outputs first is turned before its structure is told', async () => {
  const twoOfFour = [
    [1, 0, 0, 1, 1, 1, 0, 0],
    [0, 0, 1, 1, 0, 1, 0, 1],
  ];
  const { weights } = await inspect(
    image(-1, 8),
    floats('matrix', [2, 8], twoOfFour.flat()),
    op('product', 'MatMul', ['images', 'matrix'], { transpose_b: boolAttr(true) }),
  );
  expect(weights[0]!.shape).toEqual([2, 8]);
  expect(weights[0]!.nOfM).toMatchObject({ n: 2, m: 4 });
});

test('weights are named after their constant, not after what hands them on', async () => {
  const { weights, tensors } = await inspect(
    image(-1, 4),
    floats('fc/weights', [4, 4], thirds(16)),
    op('fc/weights/read', 'Identity', ['fc/weights']),
    op('product', 'MatMul', ['images', 'fc/weights/read']),
    floats('biases', [4], [0, 0, 1, 2]),
    op('sum', 'BiasAdd', ['product', 'biases']),
  );
  expect(weights.map(({ name }) => name)).toEqual(['fc/weights']);
  expect(tensors).toEqual([{ name: 'biases', dtype: 'float32', shape: [4], bytes: 16, nonzero: 2 }]);
});

test('loops, missing inputs and functions do not keep a graph from being looked at', async () => {
  const { weights, notices } = await inspect(
    image(-1, 4),
    floats('matrix', [4, 4], thirds(16)),
    op('loop', 'Merge', ['images', 'next']),
    op('next', 'NextIteration', ['product']),
    op('product', 'MatMul', ['loop', 'matrix']),
    op('broken', 'Relu', ['gone']),
  );
  expect(weights).toHaveLength(1);
  expect(notices).toEqual(['the graph lacks the nodes of 1 inputs; the first: broken reads gone']);
});
