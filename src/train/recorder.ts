import { toBinary } from '@bufbuild/protobuf';
import type { Engine, StepResult } from '../engine/engine.ts';
import type { PruningHparams } from '../hparams/index.ts';
import { trainableVariables } from '../model/variables.ts';
import type { Pruning } from '../pruning/index.ts';
import { EventWriter, hparamsSessionEnd, runSummaries, trainingSummaries } from '../summary/index.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import { type Losses, lossesOf } from './losses.ts';
import type { TrainOptions } from './options.ts';
import { byLayer, masksByLayer, type Progress } from './progress.ts';

/** Writes a run's event file. */
export class Recorder {
  #writer: EventWriter;
  readonly #options: TrainOptions;
  readonly #graph: Uint8Array;
  readonly #hparams: PruningHparams;
  readonly #startedAt = Date.now() / 1000;
  #last: { readonly step: number; readonly time: number };

  /** @param step the global step that the run starts from */
  constructor(options: TrainOptions, step: number, graph: GraphDef, hparams: PruningHparams) {
    this.#options = options;
    this.#graph = toBinary(GraphDefSchema, graph);
    this.#hparams = hparams;
    this.#last = { step, time: performance.now() };
    this.#writer = this.#open(step);
  }

  #open(step: number): EventWriter {
    const writer = new EventWriter(this.#options.trainDir);
    writer.addSessionStart(step + 1);
    writer.addGraph(this.#graph);
    const hparams = Object.fromEntries(
      Object.entries(this.#hparams).map(([name, value]) => [
        name,
        typeof value === 'object' ? value.join(' ') : value,
      ]),
    );
    const description = {
      flags: this.#options.flags,
      hparams,
      pruningName: this.#hparams.name,
      startedAt: this.#startedAt,
    };
    writer.add(step, runSummaries(description));
    return writer;
  }

  /** Begins a new event file at `step` if this one has been deleted or replaced. @returns whether it had */
  reopen(step: number): boolean {
    if (this.#writer.isInPlace()) return false;
    const old = this.#writer;
    this.#writer = this.#open(step);
    old.close();
    return true;
  }

  /** Whether the step that ends at `step` is shown: the first, the last, and every saveSummariesSteps-th. */
  isDue(step: number): boolean {
    const { saveSummariesSteps, maxSteps } = this.#options;
    return step === 1 || step === maxSteps || step % saveSummariesSteps === 0;
  }

  async step(
    engine: Engine,
    pruning: Pruning,
    progress: Progress,
    shown: { readonly result: StepResult; readonly learningRate: number; readonly images: Float32Array },
  ): Promise<void> {
    const { step, lossAverages } = progress;
    const [height, width, channels] = engine.network.input;
    const now = performance.now();
    const stepsPerSecond = ((step - this.#last.step) / (now - this.#last.time)) * 1000;
    this.#last = { step, time: now };
    const losses: Losses = lossesOf(shown.result);
    const summaries = trainingSummaries({
      learningRate: shown.learningRate,
      stepsPerSecond,
      losses,
      lossAverages,
      images: { pixels: shown.images, height, width, channels: channels as 1 | 3 | 4 },
      variables: await engine.readVariables(trainableVariables(engine.network).map(({ name }) => name)),
      ...shown.result.observed,
      pruning: {
        name: pruning.hparams.name,
        sparsity: pruning.sparsityAt(step),
        lastMaskUpdateStep: progress.pruning.lastMaskUpdateStep,
        masks: masksByLayer(engine.network, progress.pruning),
        thresholds: byLayer(engine.network, progress.pruning.thresholds),
      },
    });
    this.#writer.add(step, summaries);
  }

  checkpoint(step: number, path: string): void {
    this.#writer.addCheckpoint(step, path);
    this.#writer.flush();
  }

  /** The run has reached its end. */
  succeed(step: number): void {
    this.#writer.add(step, [hparamsSessionEnd('success')]);
  }

  /**
   * Ends the file. A run that did not reach its end can be continued, and TensorBoard keeps the first status that it sees:
   * so there is none.
   */
  close(step: number): void {
    try {
      this.#writer.addSessionStop(step);
    } finally {
      this.#writer.close();
    }
  }

  /** As `close`, after an error that is not to be hidden by another. */
  abandon(step: number): void {
    try {
      this.close(step);
    } catch {
      // On a full disk the file ends with the last event that could be written.
    }
  }
}
