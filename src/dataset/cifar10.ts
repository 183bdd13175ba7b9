import { CIFAR10_CLASS_NAMES, CIFAR10_FORMAT } from './cifar10-format.ts';
import type { DatasetSource } from './source.ts';

/** CIFAR-10, downloaded if necessary. The code that reads it is loaded only when it is used. */
export const CIFAR10_DATASET: DatasetSource = {
  name: 'cifar10',
  doc: 'the real pictures',
  format: CIFAR10_FORMAT,
  classNames: CIFAR10_CLASS_NAMES,
  async isAtHand(split, dataDir) {
    const { locateBatchFiles } = await import('./batch-files.ts');
    return (await locateBatchFiles(dataDir, split)).missing.length === 0;
  },
  async load(split, options) {
    const { BATCH_FILES, readBatchFiles } = await import('./batch-files.ts');
    const { obtainBatchFiles } = await import('./obtain.ts');
    const folder = await obtainBatchFiles(options.dataDir ?? 'data', split, options);
    return readBatchFiles(folder, BATCH_FILES[split]);
  },
};
