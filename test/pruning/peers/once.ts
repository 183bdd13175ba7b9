import { createPruning } from '../../../src/pruning/index.ts';

/** Masks and threshold of one weight after one update at a sparsity that does not change. */
export function pruneOnce(
  sparsity: number,
  shape: readonly number[],
  values: readonly number[],
  hparams = '',
): { mask: number[]; threshold: number; warnings: readonly string[] } {
  const constant = `initial_sparsity=${sparsity},target_sparsity=${sparsity},pruning_frequency=1`;
  const pruning = createPruning(`${constant},${hparams}`, [{ name: 'w', shape }]);
  const weights = new Map([['w', Float32Array.from(values)]]);
  const { state, warnings } = pruning.update(pruning.initialState(), 1, weights);
  return { mask: [...state.masks.get('w')!], threshold: state.thresholds.get('w')!, warnings };
}

/** 1, 2, ..., count */
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

export const survivors = (mask: Iterable<number>) => Array.from(mask).filter((value) => value !== 0).length;

/** Of a 4x4 matrix: by blocks of 2x2 the means of one and the largest magnitudes of the other are 0.1, 0.2, 0.3 and 0.4. */
export const BLOCKS_OF_EQUALS = [
  ...[0.1, 0.1, 0.2, 0.2], //
  ...[0.1, 0.1, 0.2, 0.2],
  ...[0.3, 0.3, 0.4, 0.4],
  ...[0.3, 0.3, 0.4, 0.4],
];
export const BLOCKS_WITH_ZEROS = [
  ...[0.1, 0, 0.2, 0], //
  ...[0, -0.1, 0, -0.2],
  ...[0.3, 0, 0.4, 0],
  ...[0, -0.3, 0, -0.4],
];
/** The upper half masked. */
export const LOWER_HALF = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
