import { type Checkpoint, indexPath, isFile, saveCheckpoint } from '../checkpoint/index.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { Pruning } from '../pruning/index.ts';
import type { MetaGraphDef } from '../wire/protos.ts';
import type { TrainObserver, TrainOptions } from './options.ts';
import { checkpointVariables, type Progress } from './progress.ts';
import { LostFolder, type RunFiles, restoreFiles } from './run-files.ts';

interface Parts {
  readonly files: RunFiles;
  readonly metaGraph: MetaGraphDef;
  readonly engine: Engine;
  readonly pruning: Pruning;
}

/** Saves a run's checkpoints and knows the newest one. */
export class Saver {
  readonly #options: TrainOptions;
  readonly #observer: TrainObserver;
  readonly #parts: Parts;
  #newest: { readonly step: number; readonly prefix: string } | undefined;
  #savedAt = performance.now();
  #isSaving = false;

  /** @param checkpoint the checkpoint that the run continues from */
  constructor(
    options: TrainOptions,
    observer: TrainObserver,
    parts: Parts,
    checkpoint: Checkpoint | undefined,
  ) {
    this.#options = options;
    this.#observer = observer;
    this.#parts = parts;
    if (checkpoint) this.#newest = { step: checkpoint.step ?? -1, prefix: checkpoint.prefix };
  }

  isDue(step: number): boolean {
    const { saveCheckpointSteps: steps, saveCheckpointSecs: seconds } = this.#options;
    return steps === undefined ? performance.now() - this.#savedAt >= seconds * 1000 : step % steps === 0;
  }

  /** @throws UserError `file` if the file system refuses or another run has the folder now */
  async save(progress: Progress): Promise<void> {
    this.#isSaving = true;
    await this.#restoreFiles(progress.step);
    await this.#write(progress);
    this.#isSaving = false;
  }

  /** Saves the last step of a run unless it is saved already. @returns the prefix of the newest checkpoint @throws as `save` */
  async finish(progress: Progress): Promise<string> {
    this.#isSaving = true;
    await this.#restoreFiles(progress.step);
    const newest = this.#newest;
    if (newest?.step !== progress.step || !(await isFile(indexPath(newest.prefix))))
      await this.#write(progress);
    this.#isSaving = false;
    return this.#newest!.prefix;
  }

  /**
   * Saves the progress after an error, if that is possible.
   *
   * @param progress the state after the last complete step
   * @returns the error; an error for the user also says from which checkpoint the run continues
   */
  async rescue(progress: Progress, error: unknown): Promise<unknown> {
    // If the error came from saving, saving again would fail, too.
    if (!this.#isSaving && this.#newest?.step !== progress.step)
      await this.save(progress).catch(() => undefined);
    if (!(error instanceof UserError) || error instanceof LostFolder || !this.#newest) return error;
    const { step, prefix } = this.#newest;
    const reached = step === progress.step ? '' : `the run had come to step ${progress.step}; `;
    return new UserError(
      error.code,
      `${error.message}; ${reached}step ${step} is saved in ${prefix}`,
      [error.hint, this.#howToContinue()].filter(Boolean).join(' '),
      { cause: error },
    );
  }

  #howToContinue(): string {
    return this.#options.overwrite
      ? 'Run the same command without --overwrite to continue.'
      : 'Run the same command to continue.';
  }

  async #restoreFiles(step: number): Promise<void> {
    const line = await restoreFiles(this.#parts.files, step, this.#newest?.prefix);
    if (line !== undefined) this.#observer.warning(line);
  }

  async #write(progress: Progress): Promise<void> {
    const { files, metaGraph, engine, pruning } = this.#parts;
    const { step } = progress;
    const prefix = await saveCheckpoint({
      dir: files.trainDir.path,
      step,
      variables: await checkpointVariables(engine, progress, pruning.hparams.name),
      metaGraph,
      keep: this.#options.keepCheckpoints,
      keptUpTo: files.settings.continued_from_step,
    });
    this.#newest = { step, prefix };
    this.#savedAt = performance.now();
    this.#observer.checkpoint({ step, path: prefix });
    files.recorder.checkpoint(step, prefix);
  }
}
