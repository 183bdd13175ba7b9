import type { Split } from './batch-files.ts';
import { CIFAR10_DATASET } from './cifar10.ts';
import type { Records } from './records.ts';
import type { DatasetSource, LoadOptions } from './source.ts';
import { SYNTHETIC_DATASET } from './synthetic/source.ts';

export type DatasetName = 'cifar10' | 'synthetic';

export interface DatasetOptions extends LoadOptions {
  readonly name: DatasetName;
}

export interface Dataset {
  readonly train: Records;
  readonly test: Records;
  /** Class names by label. */
  readonly classNames: readonly string[];
}

const SOURCES: Readonly<Record<DatasetName, DatasetSource>> = {
  cifar10: CIFAR10_DATASET,
  synthetic: SYNTHETIC_DATASET,
};

/** Class names of a dataset, by label. */
export const classNames = (name: DatasetName): readonly string[] => SOURCES[name].classNames;

/**
 * Loads both splits of CIFAR-10, which it downloads if necessary, or of the synthetic set.
 *
 * @throws UserError `dataset`, `network` or `argument`: see `readBatchFiles` and `obtainBatchFiles`
 *
 * @example
 * const { train, test, classNames } = await loadDataset({ name: 'cifar10', dataDir: 'data' });
 * classNames[test.label(0)]; // 'cat'
 */
export async function loadDataset(options: DatasetOptions): Promise<Dataset> {
  const train = await loadSplit('train', options);
  const test = await loadSplit('test', options);
  return { train, test, classNames: classNames(options.name) };
}

/** Loads one split, as evaluation needs it. @throws as {@link loadDataset} */
export async function loadSplit(split: Split, options: DatasetOptions): Promise<Records> {
  return SOURCES[options.name].load(split, options);
}
