import { describe, expect, it } from 'vitest';
import { blockGrid, blocks } from '../../src/pruning/blocks.ts';
import { createPruning } from '../../src/pruning/index.ts';
import { SINGLE_WEIGHTS, type Structure } from '../../src/pruning/structure.ts';
import { pruningBy } from './rules.ts';
import { channelsBetween, filters, nOfM, together } from './structures.ts';

const f32 = (...values: number[]) => Float32Array.from(values);

/** Mask and threshold of one tensor after one update. */
function pruned(structure: Structure, shape: readonly number[], sparsity: number, values: readonly number[]) {
  const pruning = pruningBy(structure, [{ name: 'w', shape }], sparsity);
  const { state } = pruning.update(pruning.initialState(), 1, new Map([['w', f32(...values)]]));
  return { mask: [...state.masks.get('w')!], threshold: state.thresholds.get('w') };
}

describe('single weights and blocks', () => {
  const values = [1, -4, 3, 3, -2, 1, 0, 8];
  const grid = blockGrid([2, 4], { height: 1, width: 2 })!;

  it.each<[string, Structure, string, number[], number]>([
    ['single weights', SINGLE_WEIGHTS, '', [0, 1, 1, 1, 0, 0, 0, 1], 3],
    ['the means of blocks', blocks(grid, 'AVG'), 'block_width=2', [0, 0, 1, 1, 0, 0, 1, 1], 3],
    [
      'the largest of blocks',
      blocks(grid, 'MAX'),
      'block_width=2,block_pooling_function=MAX',
      [1, 1, 0, 0, 0, 0, 1, 1],
      4,
    ],
  ])('%s are what hparams choose', (_, structure, hparams, mask, threshold) => {
    expect(pruned(structure, [2, 4], 0.5, values)).toEqual({ mask, threshold });
    const half = 'pruning_frequency=1,initial_sparsity=0.5,target_sparsity=0.5';
    const pruning = createPruning(`${half},${hparams}`, [{ name: 'w', shape: [2, 4] }]);
    const { state } = pruning.update(pruning.initialState(), 1, new Map([['w', f32(...values)]]));
    expect([...state.masks.get('w')!]).toEqual(mask);
    expect(state.thresholds.get('w')).toBe(threshold);
  });
});

describe('N:M, by ranks in each group', () => {
  // Two outputs of four inputs; by magnitude alone three of the four survivors would be of the first.
  const matrix = [
    ...[0.1, 0.2], //
    ...[-0.9, 0.2],
    ...[0.5, 0.2],
    ...[0.3, 0.2],
  ];

  it.each([
    [0.25, [0, 1, 1, 1, 1, 1, 1, 0], 2],
    [0.5, [0, 1, 1, 1, 1, 0, 0, 0], 3],
    [0.75, [0, 1, 1, 0, 0, 0, 0, 0], 4],
  ])('at sparsity %f leaves as many of each four, equal ones too', (sparsity, mask, threshold) => {
    expect(pruned(nOfM([4, 2], 4), [4, 2], sparsity, matrix)).toEqual({ mask, threshold });
  });

  it('counts the inputs of each kernel position of a convolution', () => {
    const values = [8, 7, 6, 5, 1, 2, 3, 4];
    expect(pruned(nOfM([1, 2, 4, 1], 4), [1, 2, 4, 1], 0.5, values).mask).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
  });

  it('keeps a last group whole that has no more than N', () => {
    expect(pruned(nOfM([6, 1], 4), [6, 1], 0.5, [6, 5, 4, 3, 1, 2]).mask).toEqual([1, 1, 0, 0, 1, 1]);
  });
});

describe('filters', () => {
  // Norms of the three outputs: 5, 2, 1.4.
  const shape = [1, 1, 2, 3];
  const values = [
    ...[3, 0, 1], //
    ...[4, 2, -1],
  ];

  it('are kept or masked whole, by their norm', () => {
    expect(pruned(filters(shape), shape, 0.5, values)).toEqual({ mask: [1, 1, 0, 1, 1, 0], threshold: 2 });
    expect(pruned(filters(shape), shape, 0.7, values)).toEqual({ mask: [1, 0, 0, 1, 0, 0], threshold: 5 });
  });
});

describe('structures of several tensors', () => {
  const values = new Map([
    ['a', f32(0.1, -0.2, 0.9)],
    ['b', f32(0.3, 0.4, -0.5, 0.6, 0.7)],
    ['c', f32(0.01)],
  ]);
  const [a, b, c] = Array.from(values, ([name, { length }]) => ({ name, shape: [length] }));

  it('have one threshold, and leave weights of no rule whole', () => {
    const pruning = pruningBy(together([3, 5]), [a!, b!], 0.5, { all: [a!, c!, b!] });
    expect(pruning.prunedWeights).toEqual(['a', 'b']);
    const { state } = pruning.update(pruning.initialState(), 1, values);
    expect(state.masks).toEqual(
      new Map([
        ['a', f32(0, 0, 1)],
        ['c', f32(1)],
        ['b', f32(0, 0, 1, 1, 1)],
      ]),
    );
    expect([...state.thresholds]).toEqual([
      ['a', 0.5],
      ['c', 0],
      ['b', 0.5],
    ]);
    expect(['a', 'b', 'c'].map((name) => pruning.sparsityAt(1, name))).toEqual([0.5, 0.5, 0]);
  });

  it('average that threshold from one update to the next', () => {
    const hparams = 'pruning_frequency=1,threshold_decay=0.5';
    const pruning = pruningBy(together([3, 5]), [a!, b!], 0.5, { hparams });
    const first = pruning.update(pruning.initialState(), 1, values).state;
    expect([...first.thresholds.values()]).toEqual([0.25, 0.25]);
    expect([...first.masks.values()]).toEqual([f32(0, 0, 1), f32(1, 1, 1, 1, 1)]);
    const second = pruning.update(first, 2, values).state;
    expect([...second.thresholds.values()]).toEqual([0.375, 0.375]);
    expect([...second.masks.values()]).toEqual([f32(0, 0, 1), f32(0, 1, 1, 1, 1)]);
  });

  it('tell which of the tensors they mask whole', () => {
    const pruning = pruningBy(together([3, 5]), [a!, b!], 0.5);
    const small = new Map(values).set('a', f32(0.1, 0.2, 0.2));
    const { state, warnings } = pruning.update(pruning.initialState(), 1, small);
    expect([...state.masks.values()]).toEqual([f32(0, 0, 0), f32(0, 1, 1, 1, 1)]);
    expect(warnings).toEqual(['a: all 3 weights are masked from step 1 on, at sparsity 0.5000']);
  });

  it('may have units that span them: a channel with what the next convolution makes of it', () => {
    const [first, second] = [
      [1, 1, 1, 2],
      [1, 1, 2, 2],
    ];
    const pruning = pruningBy(
      channelsBetween(first!, second!),
      [
        { name: 'first', shape: first! },
        { name: 'second', shape: second! },
      ],
      0.5,
    );
    // The first channel is the stronger one of the first convolution, the second one of both together.
    const weights = new Map([
      ['first', f32(3, 1)],
      ['second', f32(0, 0, 2, 3)],
    ]);
    const { masks } = pruning.update(pruning.initialState(), 1, weights).state;
    expect(masks).toEqual(
      new Map([
        ['first', f32(0, 1)],
        ['second', f32(0, 0, 1, 1)],
      ]),
    );
  });
});
