import type { Task } from '../tasks/task.ts';
import type { LayerPruning } from './layer-pruning.ts';
import type { RequestedSettings } from './run-settings.ts';

export interface TrainOptions {
  /** What is trained; a run that is continued must be one of it. */
  readonly task: Task;
  readonly trainDir: string;
  /** What was asked for; the rest is as the run in trainDir has it or, for a new run, the default. */
  readonly settings: RequestedSettings;
  readonly dataDir: string;
  /** Mirror to download the dataset from. */
  readonly dataUrl?: string | undefined;
  /** The global step to train to. */
  readonly maxSteps: number;
  readonly engine?: string | undefined;
  readonly backend?: string | undefined;
  /** Computing threads, as `selectEngine` takes them. */
  readonly threads?: number | undefined;
  /** Give a notice of each operation of the graph and what computes it. */
  readonly logDevicePlacement?: boolean | undefined;
  readonly saveCheckpointSecs: number;
  /** Instead of seconds. */
  readonly saveCheckpointSteps?: number | undefined;
  readonly saveSummariesSteps: number;
  readonly keepCheckpoints: number;
  /** Delete the run that is in trainDir and start anew. */
  readonly overwrite: boolean;
  /** Continue although the settings differ from the run's own. */
  readonly overrideHparams: boolean;
  /** As they were given, for TensorBoard's TEXT page. */
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  /** Stops the run after the step that is under way, with a checkpoint. */
  readonly signal: AbortSignal;
}

/** Is told what happens while a run goes on. */
export interface TrainObserver {
  notice(line: string): void;
  warning(line: string): void;
  /** Of the dataset's download. */
  download(bytes: number, total: number | undefined): void;
  step(report: StepReport): void;
  checkpoint(saved: { readonly step: number; readonly path: string }): void;
}

/** What is known after a training step. */
export interface StepReport {
  readonly step: number;
  readonly maxSteps: number;
  readonly loss: number;
  /** Of this step's batch. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly secondsPerBatch: number;
  /** Of all masks together. */
  readonly sparsity: number;
  readonly secondsLeft: number;
}

export interface TrainResult {
  /** The global step that the run has reached. */
  readonly step: number;
  /** Done by this call. */
  readonly steps: number;
  /** They took, with all that is saved on the way. */
  readonly seconds: number;
  /** Of the last step's batch; undefined if there was nothing left to do. */
  readonly loss: number | undefined;
  readonly accuracy: number | undefined;
  /** Of all masks together. */
  readonly sparsity: number;
  readonly layers: readonly LayerPruning[];
  readonly checkpoint: string;
  readonly interrupted: boolean;
}
