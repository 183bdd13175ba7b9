import type { Split } from './batch-files.ts';
import type { ObtainOptions } from './obtain.ts';
import type { RecordFormat } from './record-format.ts';
import type { Records } from './records.ts';

/** A dataset to train and evaluate on. */
export interface DatasetSource {
  /** Its name for `--dataset` and in run.json. */
  readonly name: string;
  /** A noun phrase for the help of `--dataset`. */
  readonly doc: string;
  readonly format: RecordFormat;
  /** Class names by label. */
  readonly classNames: readonly string[];
  /** Whether a split can be loaded without a download. */
  isAtHand(split: Split, dataDir: string): Promise<boolean>;
  /** Loads a split. @throws UserError `dataset`, `network`, `argument` or `file` */
  load(split: Split, options: LoadOptions): Promise<Records>;
}

/** Options of all sources. Each source uses those that it needs. */
export interface LoadOptions extends ObtainOptions {
  /** The folder of the files, or the folder that contains it or will contain it. Default: `data`. */
  readonly dataDir?: string | undefined;
  /** For drawn pictures: determines all of them. Default: 0. It is not the seed of a run, so that runs are compared on the same set. */
  readonly seed?: number | undefined;
  /** For drawn pictures: number of records in each split. */
  readonly counts?: Readonly<Record<Split, number>> | undefined;
}
