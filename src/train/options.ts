import type { Task } from '../tasks/task.ts';
import type { LayerPruning } from './layer-pruning.ts';
import type { RequestedSettings } from './run-settings.ts';

export interface TrainOptions {
  /** What to train. A run that is continued must have the same task. */
  readonly task: Task;
  readonly trainDir: string;
  /** Settings that the user gave; the others are those of the run in trainDir or, for a new run, the defaults. */
  readonly settings: RequestedSettings;
  readonly dataDir: string;
  /** Mirror to download the dataset from. */
  readonly dataUrl?: string | undefined;
  /** The global step to train to. */
  readonly maxSteps: number;
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Kernels of the simd engine: `auto`, `native` or `wasm`. */
  readonly kernels?: string | undefined;
  /** Number of threads to compute on, as `selectEngine` takes it. */
  readonly threads?: number | undefined;
  /** Whether to send a notice for each operation of the graph that says what computes it. */
  readonly logDevicePlacement?: boolean | undefined;
  readonly saveCheckpointSecs: number;
  /** Steps from one checkpoint to the next, instead of seconds. */
  readonly saveCheckpointSteps?: number | undefined;
  readonly saveSummariesSteps: number;
  readonly keepCheckpoints: number;
  /** Whether to delete a run in trainDir and start anew. */
  readonly overwrite: boolean;
  /** Whether to continue a run although its settings differ. */
  readonly overrideHparams: boolean;
  /** Flags as the user gave them, for TensorBoard's TEXT page. */
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  /** When it aborts, the run saves a checkpoint after the current step and stops. */
  readonly signal: AbortSignal;
}

/** Functions that are called with the progress of a run. */
export interface TrainObserver {
  notice(line: string): void;
  warning(line: string): void;
  /** Progress of the dataset's download, in bytes. */
  download(bytes: number, total: number | undefined): void;
  step(report: StepReport): void;
  checkpoint(saved: { readonly step: number; readonly path: string }): void;
}

/** The state of a run after a training step. */
export interface StepReport {
  readonly step: number;
  readonly maxSteps: number;
  readonly loss: number;
  /** Fraction of this step's batch that was classified correctly. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly secondsPerBatch: number;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  readonly secondsLeft: number;
}

export interface TrainResult {
  /** The global step that the run has reached. */
  readonly step: number;
  /** Number of steps that this call has trained. */
  readonly steps: number;
  /** Seconds that these steps took, with summaries and checkpoints. */
  readonly seconds: number;
  /** Loss of the last step's batch; undefined if there was nothing to do. */
  readonly loss: number | undefined;
  readonly accuracy: number | undefined;
  /** Fraction of zeros in all masks together. */
  readonly sparsity: number;
  readonly layers: readonly LayerPruning[];
  readonly checkpoint: string;
  readonly interrupted: boolean;
}
