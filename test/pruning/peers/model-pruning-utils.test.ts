/*
 * The shapes and blocks of tensorflow/contrib/model_pruning/python/pruning_utils_test.py (github.com/tensorflow/tensorflow, r1.15), which
 * google-research's model_pruning/python/pruning_utils_test.py has, too. Its weights are random and only compared with tf.nn.pool; the
 * values here are those that tf.nn.pool of TensorFlow 2.21 gives, padding SAME, for the weights 0, 1, 2, ... in their order.
 */
import { describe, expect, it } from 'vitest';
import { expandBlocks, poolBlocks } from '../../../src/pruning/index.ts';
import { upTo } from './once.ts';

/** The first and the last pooled value. */
type Ends = readonly [number, number];

interface Case {
  readonly shape: readonly [number, number];
  readonly block: readonly [number, number];
  readonly average: Ends;
  readonly largest: Ends;
}

const grid = ({ shape: [rows, columns], block: [height, width] }: Pick<Case, 'shape' | 'block'>) => ({
  rows,
  columns,
  height,
  width,
});

const ends = (values: Float32Array) => [values[0], values.at(-1)];

function expectPooled({ average, largest, ...sizes }: Case) {
  const [rows, columns] = sizes.shape;
  const weights = Float32Array.from({ length: rows * columns }, (_, index) => index);
  expect(ends(poolBlocks(weights, grid(sizes), 'AVG'))).toEqual(average);
  expect(ends(poolBlocks(weights, grid(sizes), 'MAX'))).toEqual(largest);
}

describe('testFactorizedAvgPool and testFactorizedMaxPool', () => {
  it.each<Case>([
    { shape: [32, 32], block: [1, 1], average: [0, 1023], largest: [0, 1023] },
    { shape: [3, 3], block: [6, 6], average: [4, 4], largest: [8, 8] },
    { shape: [30, 30], block: [6, 6], average: [77.5, 821.5], largest: [155, 899] },
    { shape: [32, 32], block: [4, 4], average: [49.5, 973.5], largest: [99, 1023] },
    { shape: [2, 32], block: [4, 4], average: [17.5, 45.5], largest: [35, 63] },
    { shape: [32, 2], block: [4, 4], average: [3.5, 59.5], largest: [7, 63] },
    { shape: [32, 32], block: [1, 4], average: [1.5, 1021.5], largest: [3, 1023] },
    { shape: [2, 32], block: [1, 4], average: [1.5, 61.5], largest: [3, 63] },
    { shape: [32, 2], block: [1, 4], average: [0.5, 62.5], largest: [1, 63] },
    { shape: [32, 32], block: [4, 1], average: [48, 975], largest: [96, 1023] },
    { shape: [2, 32], block: [4, 1], average: [16, 47], largest: [32, 63] },
    { shape: [32, 2], block: [4, 1], average: [3, 60], largest: [6, 63] },
  ])('Input_$shape block_$block', expectPooled);

  /*
   * Here the original puts half of the padding before the first row or column, so that pooled blocks and expanded ones do not
   * coincide; ours is all at the end.
   */
  it.each<Case & { readonly original: { readonly average: Ends; readonly largest: Ends } }>([
    {
      shape: [32, 32],
      block: [6, 6],
      average: [82.5, 1006.5],
      largest: [165, 1023],
      original: { average: [49.5, 973.5], largest: [99, 1023] },
    },
    {
      shape: [2, 32],
      block: [6, 6],
      average: [18.5, 46.5],
      largest: [37, 63],
      original: { average: [17.5, 45.5], largest: [35, 63] },
    },
    {
      shape: [32, 2],
      block: [6, 6],
      average: [5.5, 61.5],
      largest: [11, 63],
      original: { average: [3.5, 59.5], largest: [7, 63] },
    },
    {
      shape: [30, 30],
      block: [4, 4],
      average: [46.5, 883.5],
      largest: [93, 899],
      original: { average: [31, 868], largest: [62, 899] },
    },
    {
      shape: [30, 30],
      block: [1, 4],
      average: [1.5, 898.5],
      largest: [3, 899],
      original: { average: [1, 898], largest: [2, 899] },
    },
    {
      shape: [30, 30],
      block: [4, 1],
      average: [45, 884],
      largest: [90, 899],
      original: { average: [30, 869], largest: [60, 899] },
    },
  ])('Input_$shape block_$block: padded at the end only', expectPooled);
});

describe('testExpandTensor', () => {
  it.each([
    { tensor: [32, 32], block: [1, 1] },
    { tensor: [3, 3], block: [6, 6] },
    { tensor: [2, 32], block: [6, 6] },
    { tensor: [32, 2], block: [4, 4] },
    { tensor: [30, 30], block: [1, 4] },
    { tensor: [30, 30], block: [4, 1] },
  ])('Input_$tensor block_$block: each value fills its block', ({ tensor, block }) => {
    const [rows, columns] = tensor as [number, number];
    const [height, width] = block as [number, number];
    const values = Float32Array.from(upTo(rows * columns));
    const shape = [rows * height, columns * width] as const;
    const expanded = expandBlocks(values, grid({ shape, block: [height, width] }));
    const kronecker = Float32Array.from({ length: shape[0] * shape[1] }, (_, index) => {
      const [row, column] = [Math.floor(index / shape[1]), index % shape[1]];
      return values[Math.floor(row / height) * columns + Math.floor(column / width)]!;
    });
    expect(Buffer.from(expanded.buffer).equals(Buffer.from(kronecker.buffer))).toBe(true);
  });
});
