import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockStructure } from '../../src/inspect/block-structure.ts';

const matrix = (...rows: number[][]) => ({
  rows: rows.length,
  columns: rows[0]!.length,
  values: rows.flat(),
});

describe('by hand', () => {
  test('blocks of 2x2', () => {
    const blocks = matrix([0, 0, 5, 1], [0, 0, 2, 3], [4, 4, 0, 0], [4, 4, 0, 0]);
    expect(blockStructure(blocks)).toEqual({ height: 2, width: 2 });
  });

  test('one zero out of place leaves single weights', () => {
    const single = matrix([0, 0, 5, 1], [0, 0, 2, 0], [4, 4, 0, 0], [4, 4, 0, 0]);
    expect(blockStructure(single)).toEqual({ height: 1, width: 1 });
  });

  test('blocks of 4x1, cut at the last row', () => {
    const [a, b] = [
      [1, 0, 1],
      [0, 1, 1],
    ];
    expect(blockStructure(matrix(a, a, a, a, b, b))).toEqual({ height: 4, width: 1 });
  });

  test('blocks of 1x4', () => {
    const blocks = matrix([0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]);
    expect(blockStructure(blocks)).toEqual({ height: 1, width: 4 });
  });

  test('blocks begin at the first row, wherever zeros begin', () => {
    expect(blockStructure(matrix([1], [1], [0], [0], [0], [0], [1]))).toEqual({ height: 2, width: 1 });
    expect(blockStructure(matrix([1], [0], [0], [1]))).toEqual({ height: 1, width: 1 });
  });

  test('a pruned column is a block of all rows', () => {
    expect(blockStructure(matrix([0, 1], [0, 2], [0, 3]))).toEqual({ height: 3, width: 1 });
  });

  test('nothing pruned, or all of it, is no structure', () => {
    expect(blockStructure(matrix([1, 2], [3, 4]))).toBeUndefined();
    expect(blockStructure(matrix([0, -0], [0, 0]))).toBeUndefined();
  });
});

interface Pruned {
  rows: number;
  columns: number;
  values: number[];
}

/** Matrices masked by blocks of some shape. */
const blockMasked: fc.Arbitrary<Pruned> = fc
  .record({
    rows: fc.integer({ min: 1, max: 12 }),
    columns: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 5 }),
    blocks: fc.array(fc.boolean(), { minLength: 144, maxLength: 144 }),
  })
  .map(({ rows, columns, height, width, blocks }) => ({
    rows,
    columns,
    values: Array.from({ length: rows * columns }, (_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      return blocks[Math.floor(row / height) * 12 + Math.floor(column / width)] ? at + 1 : 0;
    }),
  }));

/** Whether each block of the shape is all zeros or has none, looked at one by one. */
function holds({ rows, columns, values }: Pruned, height: number, width: number): boolean {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const corner = (row - (row % height)) * columns + column - (column % width);
      if ((values[row * columns + column] === 0) !== (values[corner] === 0)) return false;
    }
  return true;
}

test('the structure is true, and every other that is true is a part of it', () => {
  fc.assert(
    fc.property(blockMasked, (pruned) => {
      const zeros = pruned.values.filter((value) => value === 0).length;
      const found = blockStructure(pruned);
      expect(found === undefined).toBe(zeros === 0 || zeros === pruned.values.length);
      if (!found) return;
      expect(holds(pruned, found.height, found.width)).toBe(true);
      for (let height = 1; height <= pruned.rows; height++)
        for (let width = 1; width <= pruned.columns; width++)
          if (holds(pruned, height, width)) {
            expect(height).toBeLessThanOrEqual(found.height);
            expect(width).toBeLessThanOrEqual(found.width);
          }
    }),
    { seed: 1 },
  );
});
