import { CIFAR10_FORMAT } from '../cifar10-format.ts';
import type { DatasetSource } from '../source.ts';
import { FIGURES } from './figures.ts';

/** The synthetic set: drawn pictures in CIFAR-10's format. */
export const SYNTHETIC_DATASET: DatasetSource = {
  name: 'synthetic',
  doc: 'ten classes of drawn ones that need no download',
  format: CIFAR10_FORMAT,
  classNames: FIGURES.map(({ name }) => name),
  isAtHand: async () => true,
  async load(split, { seed = 0, counts }) {
    const { SYNTHETIC_COUNTS, syntheticRecords } = await import('./synthetic.ts');
    return syntheticRecords(split, (counts ?? SYNTHETIC_COUNTS)[split], seed);
  },
};
