import { BATCH_FILES, CIFAR10_CLASS_NAMES, readBatchFiles, type Split } from './batch-files.ts';
import { type ObtainOptions, obtainBatchFiles } from './obtain.ts';
import type { Records } from './records.ts';
import { SYNTHETIC_CLASS_NAMES, SYNTHETIC_COUNTS, syntheticRecords } from './synthetic/synthetic.ts';

export type DatasetName = 'cifar10' | 'synthetic';

export interface DatasetOptions extends ObtainOptions {
  readonly name: DatasetName;
  /** For `cifar10`: the folder of the batch files, or the one that holds or shall hold it; `data` unless given. */
  readonly dataDir?: string | undefined;
  /** For `synthetic`: decides all pictures, 0 unless given. Not the seed of a run: two runs are compared on the same set. */
  readonly seed?: number | undefined;
  /** For `synthetic`: records of each split, 10,000 and 2,000 unless given. */
  readonly counts?: Readonly<Record<Split, number>> | undefined;
}

export interface Dataset {
  readonly train: Records;
  readonly test: Records;
  /** Class names by label. */
  readonly classNames: readonly string[];
}

const CLASS_NAMES: Readonly<Record<DatasetName, readonly string[]>> = {
  cifar10: CIFAR10_CLASS_NAMES,
  synthetic: SYNTHETIC_CLASS_NAMES,
};

/** The ten class names of a dataset, by label. */
export const classNames = (name: DatasetName): readonly string[] => CLASS_NAMES[name];

/**
 * Both splits of CIFAR-10, downloaded if need be, or of the synthetic set.
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

/** One split alone, as evaluation needs it. Throws as {@link loadDataset} does. */
export async function loadSplit(split: Split, options: DatasetOptions): Promise<Records> {
  if (options.name === 'synthetic') {
    const { seed = 0, counts = SYNTHETIC_COUNTS } = options;
    return syntheticRecords(split, counts[split], seed);
  }
  const folder = await obtainBatchFiles(options.dataDir ?? 'data', split, options);
  return readBatchFiles(folder, BATCH_FILES[split]);
}
