import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockGrid, expandBlocks, poolBlocks } from '../../src/pruning/blocks.ts';
import { createPruning } from '../../src/pruning/index.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

describe('blocks', () => {
  it.each([
    ['a matrix', [6, 4], { height: 2, width: 3 }, { rows: 6, columns: 4, height: 2, width: 3 }],
    ['a whole row', [6, 4], { height: 1, width: -1 }, { rows: 6, columns: 4, height: 1, width: 4 }],
    ['a whole column', [6, 4], { height: -1, width: 1 }, { rows: 6, columns: 4, height: 6, width: 1 }],
    ['the whole matrix', [6, 4], { height: -1, width: -1 }, { rows: 6, columns: 4, height: 6, width: 4 }],
    [
      'a 1x1 convolution',
      [1, 1, 6, 4],
      { height: 2, width: 2 },
      { rows: 6, columns: 4, height: 2, width: 2 },
    ],
    ['a block of one element', [6, 4], { height: 1, width: 1 }, undefined],
    ['a 5x5 convolution', [5, 5, 3, 64], { height: 4, width: 4 }, undefined],
    ['a 1x5 convolution', [1, 5, 3, 64], { height: 4, width: 4 }, undefined],
    ['a vector', [7], { height: 4, width: 4 }, undefined],
    ['a matrix of one row', [1, 7], { height: 1, width: 4 }, undefined],
    ['a scalar', [], { height: 4, width: 4 }, undefined],
  ])('of %s', (_, shape, block, expected) => {
    expect(blockGrid(shape, block)).toEqual(expected);
  });

  const grid = { rows: 3, columns: 5, height: 2, width: 2 };
  const matrix = f32(
    ...[1, -3, 2, 2, -8], //
    ...[5, -7, 0, 0, 4],
    ...[6, -2, -1, 9, 0.5],
  );

  it('are pooled from the first row and column on, the short ones over what they have', () => {
    expect(poolBlocks(matrix, grid, 'AVG')).toEqual(f32(4, 1, 6, 4, 5, 0.5));
    expect(poolBlocks(matrix, grid, 'MAX')).toEqual(f32(7, 2, 8, 6, 9, 0.5));
  });

  it('are expanded over the elements that were pooled', () => {
    expect(expandBlocks(f32(1, 2, 3, 4, 5, 6), grid)).toEqual(
      f32(
        ...[1, 1, 2, 2, 3], //
        ...[1, 1, 2, 2, 3],
        ...[4, 4, 5, 5, 6],
      ),
    );
  });

  it('pad 10 rows of block 4 at the end only', () => {
    const column = { rows: 10, columns: 2, height: 4, width: 1 };
    const weights = Float32Array.from({ length: 20 }, (_, index) => index >> 1);
    expect(poolBlocks(weights, column, 'AVG')).toEqual(f32(1.5, 1.5, 5.5, 5.5, 8.5, 8.5));
    expect(poolBlocks(weights, column, 'MAX')).toEqual(f32(3, 3, 7, 7, 9, 9));
  });

  it('pool what they were expanded from back to the same values', () => {
    const extent = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(
        extent,
        extent,
        extent,
        extent,
        fc.constantFrom('AVG' as const, 'MAX' as const),
        (...drawn) => {
          const [rows, columns, height, width, pooling] = drawn;
          const blocks = Math.ceil(rows / height) * Math.ceil(columns / width);
          const values = Float32Array.from({ length: blocks }, (_, index) => index);
          const drawnGrid = { rows, columns, height, width };
          expect(poolBlocks(expandBlocks(values, drawnGrid), drawnGrid, pooling)).toEqual(values);
        },
      ),
    );
  });
});

describe('block sparsity', () => {
  const update = (hparams: string, shape: number[], weights: Float32Array) => {
    const pruning = createPruning(`initial_sparsity=0.5,target_sparsity=0.5,pruning_frequency=1,${hparams}`, [
      { name: 'w', shape },
    ]);
    const { state } = pruning.update(pruning.initialState(), 1, new Map([['w', weights]]));
    return { mask: [...state.masks.get('w')!], threshold: state.thresholds.get('w') };
  };

  // Means of the 1x2 blocks: 2.5, 3 | 1.5, 4; largest: 4, 3 | 2, 8.
  const weights = f32(
    ...[1, -4, 3, 3], //
    ...[-2, 1, 0, 8],
  );

  it('keeps or masks whole blocks', () => {
    expect(update('block_height=1,block_width=2', [2, 4], weights)).toEqual({
      mask: [0, 0, 1, 1, 0, 0, 1, 1],
      threshold: 3,
    });
    expect(update('block_width=2,block_pooling_function=MAX', [2, 4], weights)).toEqual({
      mask: [1, 1, 0, 0, 0, 0, 1, 1],
      threshold: 4,
    });
  });

  it('leaves out the convolution next to it', () => {
    expect(update('block_height=1,block_width=2', [2, 2, 2], weights).mask).toEqual([0, 1, 1, 1, 0, 0, 0, 1]);
  });

  it("counts a -1 anew for each weight's own axis", () => {
    const pruning = createPruning(
      'target_sparsity=0.5,sparsity_function_end_step=1,pruning_frequency=1,block_width=-1',
      [
        { name: 'a', shape: [2, 2] },
        { name: 'b', shape: [2, 4] },
      ],
    );
    const { state } = pruning.update(
      pruning.initialState(),
      1,
      new Map([
        ['a', f32(1, 1, 2, 2)],
        ['b', f32(9, 0, 0, 0, 1, 1, 1, 1)],
      ]),
    );
    expect([...state.masks.get('a')!]).toEqual([0, 0, 1, 1]);
    expect([...state.masks.get('b')!]).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('takes the block of the map where it has one', () => {
    expect(update('block_dims_map=[^w$:1x2],block_width=4', [2, 4], weights).mask).toEqual([
      0, 0, 1, 1, 0, 0, 1, 1,
    ]);
    expect(update('block_dims_map=[other:1x2]', [2, 4], weights).mask).toEqual([0, 1, 1, 1, 0, 0, 0, 1]);
  });
});
