import type { Split } from './batch-files.ts';
import type { ObtainOptions } from './obtain.ts';
import type { RecordFormat } from './record-format.ts';
import type { Records } from './records.ts';

/** Labelled pictures to train on and to evaluate on. */
export interface DatasetSource {
  /** As `--dataset` and run.json have it. */
  readonly name: string;
  /** For the help of `--dataset`, a noun phrase. */
  readonly doc: string;
  readonly format: RecordFormat;
  /** By label. */
  readonly classNames: readonly string[];
  /** Whether a split can be loaded without a download. */
  isAtHand(split: Split, dataDir: string): Promise<boolean>;
  /** @throws UserError `dataset`, `network`, `argument` or `file` */
  load(split: Split, options: LoadOptions): Promise<Records>;
}

/** Each source takes of these what it needs. */
export interface LoadOptions extends ObtainOptions {
  /** The folder of the files, or the one that holds or shall hold it; `data` unless given. */
  readonly dataDir?: string | undefined;
  /** Of drawn pictures: decides them all, 0 unless given. Not the seed of a run: two runs are compared on the same set. */
  readonly seed?: number | undefined;
  /** Of drawn pictures: records of each split. */
  readonly counts?: Readonly<Record<Split, number>> | undefined;
}
