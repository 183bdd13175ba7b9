/*
 * Inputs and expected values of the magnitude cases of test/nn/test_pruning.py (github.com/pytorch/pytorch); each case has the name of
 * its test there. PyTorch counts what is pruned, so that `amount` of `n` is here a sparsity of amount / n; its slices of a tensor are
 * here the rows or columns of a matrix.
 */
import { describe, expect, it } from 'vitest';
import { applyMask, magnitudeMask, parseHparams, survivorCount } from '../../../src/pruning/index.ts';
import { pruneOnce, survivors, upTo } from './once.ts';

/** The mask without the `amount` smallest magnitudes. */
const without = (amount: number, values: readonly number[]) => {
  const mask = magnitudeMask(Float32Array.from(values), Math.fround(amount / values.length), 0, 0).mask;
  return [...mask];
};

/** The mask without the `amount` smallest rows or columns, by L1 norm (AVG) or by their largest magnitude (MAX). */
function withoutSlices(
  amount: number,
  slices: 'rows' | 'columns',
  shape: readonly [number, number],
  values: readonly number[],
  norm = 'AVG',
) {
  const block = slices === 'rows' ? 'block_height=1,block_width=-1' : 'block_height=-1,block_width=1';
  const count = shape[slices === 'rows' ? 0 : 1];
  return pruneOnce(amount / count, shape, values, `${block},block_pooling_function=${norm}`).mask;
}

const product = (one: readonly number[], other: readonly number[]) =>
  one.map((value, index) => value * other[index]!);
const masked = (values: readonly number[], mask: readonly number[]) => [
  ...applyMask(Float32Array.from(values), Float32Array.from(mask)),
];

const symmetric = [1, 2, 3, 4, -4, -3, -2, -1];
const scores = [4, 2, 1, 3, -3, -1, -2, -4];
const short = [0, Math.fround(0.1), -2];
const shortScores = [0, 10, -0.2];

describe('unstructured', () => {
  it.each([
    [0, 15, 0],
    [10, 15, 10],
    [1, 15, 1],
    [0.4 * 17, 17, 7],
  ])('test_compute_nparams_to_prune: %d of %i are %i', (amount, size, pruned) => {
    expect(size - survivorCount(size, Math.fround(amount / size))).toBe(pruned);
  });

  it('test_validate_pruning_amount_init: neither text nor what is out of range', () => {
    for (const amount of ["I'm a string", '1.1', '20.0', '-10'])
      expect(() => parseHparams(`target_sparsity=${amount}`)).toThrow(
        expect.objectContaining({ code: 'hparams' }),
      );
    for (const amount of ['0.34', '0', '0.0'])
      expect(parseHparams(`target_sparsity=${amount}`).target_sparsity).toBe(Number(amount));
  });

  it('test_l1_unstructured_pruning: two weights, then two more', () => {
    expect(masked(symmetric, without(2, symmetric))).toEqual([0, 2, 3, 4, -4, -3, -2, 0]);
    expect(masked(symmetric, without(4, symmetric))).toEqual([0, 0, 3, 4, -4, -3, 0, 0]);
  });

  it('test_l1_unstructured_pruning_with_importance_scores', () => {
    expect(masked(symmetric, without(2, scores))).toEqual([1, 2, 0, 4, -4, 0, -2, -1]);
    expect(masked(symmetric, without(4, scores))).toEqual([1, 0, 0, 4, -4, 0, 0, -1]);
  });

  it('test_global_pruning and its importance scores: two tensors as one', () => {
    const weights = [...symmetric, ...short];
    expect(masked(weights, without(4, weights))).toEqual([0, 2, 3, 4, -4, -3, -2, 0, 0, 0, -2]);
    const byScores = [1, 2, 0, 4, -4, 0, -2, -1, 0, short[1], 0];
    expect(masked(weights, without(4, [...scores, ...shortScores]))).toEqual(byScores);
  });

  it('test_custom_from_mask_pruning: a product of masks', () => {
    expect(masked([0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 1, 0, 0, 0, 1, 1])).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  });
});

describe('structured', () => {
  const channels = [
    ...[1, 2, 1, 2.5], //
    ...[0.5, 1, 0.1, 0.1],
    ...[-3, -5, 0.1, -1],
  ];
  const channelScores = [10, 1, 10, 1, 30, 3, 30, 3, -20, -2, -20, -2];

  it('test_ln_structured_pruning: the smallest of 3 channels, then of 2 columns', () => {
    const withoutSecond = [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1];
    for (const norm of ['AVG', 'MAX'])
      expect(withoutSlices(1, 'rows', [3, 4], channels, norm)).toEqual(withoutSecond);
    const firstColumn = withoutSlices(1, 'columns', [6, 2], channels);
    expect(product(withoutSecond, firstColumn)).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1]);
  });

  it('test_ln_structured_pruning_importance_scores', () => {
    const withoutFirst = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    expect(withoutSlices(1, 'rows', [3, 4], channelScores)).toEqual(withoutFirst);
    const secondColumn = withoutSlices(1, 'columns', [6, 2], channelScores);
    expect(product(withoutFirst, secondColumn)).toEqual([0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it('test_pruning_container_compute_mask: the smallest row, the smallest column', () => {
    const rows = withoutSlices(1, 'rows', [2, 4], upTo(8));
    const columns = withoutSlices(1, 'columns', [2, 4], upTo(8));
    const before = [1, 1, 1, 0, 1, 1, 0, 1];
    expect(product(before, rows)).toEqual([0, 0, 0, 0, 1, 1, 0, 1]);
    expect(product(before, columns)).toEqual([0, 1, 1, 0, 0, 1, 0, 1]);
  });
});

describe('where this differs from PyTorch on purpose, as model_pruning does', () => {
  it('ties, test_unstructured_pruning_same_magnitude: a threshold decides, not a number of weights', () => {
    // 70 values of -2, 0 and 2 in turn; PyTorch prunes 14 of the 23 zeros.
    const values = Array.from({ length: 70 }, (_, index) => 2 * ((index % 3) - 1));
    const mask = without(14, values);
    expect(survivors(mask)).toBe(70);
    // Where zeros must go to reach the sparsity, they go together.
    expect(without(23, values)).toEqual(values.map((value) => Number(value !== 0)));
  });

  it('a weight returns, test_prune: masks are made anew of all weights, not of what an earlier mask left', () => {
    // PyTorch keeps 4 and 7 of 1, 2, ..., 8 masked and prunes 1 and 2 as well.
    expect(without(4, upTo(8))).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('a sparsity of 1 is refused, test_validate_pruning_amount_init', () => {
    expect(() => parseHparams('target_sparsity=1.0')).toThrow(expect.objectContaining({ code: 'hparams' }));
  });
});
