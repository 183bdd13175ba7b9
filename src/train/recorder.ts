import { toBinary } from '@bufbuild/protobuf';
import type { Engine, StepResult } from '../engine/engine.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { trainableVariables } from '../model/variables.ts';
import type { Pruning } from '../pruning/index.ts';
import {
  EventWriter,
  hparamsSessionEnd,
  type PruningReport,
  pruningSummaries,
  type RunDescription,
  runSummaries,
  trainingSummaries,
} from '../summary/index.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import { type Losses, lossesOf } from './losses.ts';
import type { TrainOptions } from './options.ts';
import type { Progress } from './progress.ts';
import type { RunSettings } from './run-settings.ts';

interface RecordedRun {
  readonly graph: GraphDef;
  readonly network: Network;
  readonly settings: RunSettings;
  readonly pruning: Pruning;
}

/** Whether an image can be shown: as grey, RGB or RGBA. */
const isShowable = (channels: number): channels is 1 | 3 | 4 => [1, 3, 4].includes(channels);

/** Writes a run's event file. */
export class Recorder {
  #writer: EventWriter;
  readonly #options: TrainOptions;
  readonly #run: RecordedRun;
  readonly #startedAt = Date.now() / 1000;
  #last: { readonly step: number; readonly time: number };

  /** @param step the global step that the run starts from */
  constructor(options: TrainOptions, step: number, run: RecordedRun) {
    this.#options = options;
    this.#run = run;
    this.#last = { step, time: performance.now() };
    this.#writer = this.#open(step);
  }

  #open(step: number): EventWriter {
    const writer = new EventWriter(this.#options.trainDir);
    writer.addSessionStart(step + 1);
    writer.addGraph(toBinary(GraphDefSchema, this.#run.graph));
    writer.add(step, runSummaries(this.#description()));
    return writer;
  }

  #description(): RunDescription {
    const { network, pruning, settings } = this.#run;
    const { seed, batch_size, dataset } = settings;
    const layers = weightedLayers(network).map(({ name }) => name);
    return {
      flags: this.#options.flags,
      hparams: pruning.hparams,
      settings: { seed, batch_size, dataset, network: layers.join(' ') },
      startedAt: this.#startedAt,
    };
  }

  /** Begins a new event file at `step` if the file has been deleted or replaced. @returns whether it has */
  reopen(step: number): boolean {
    if (this.#writer.isInPlace()) return false;
    const old = this.#writer;
    this.#writer = this.#open(step);
    old.close();
    return true;
  }

  /** Whether to write the summaries of the step that ends at `step`: the first, the last, and every saveSummariesSteps-th. */
  isDue(step: number): boolean {
    const { saveSummariesSteps, maxSteps } = this.#options;
    return step === 1 || step === maxSteps || step % saveSummariesSteps === 0;
  }

  /** Writes the mask update of a step that is not due. */
  maskUpdate(progress: Progress): void {
    this.#writer.add(progress.step, pruningSummaries(this.#pruningReport(progress)));
  }

  async step(
    engine: Engine,
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
      ...(isShowable(channels) && { images: { pixels: shown.images, height, width, channels } }),
      variables: await engine.readVariables(trainableVariables(engine.network).map(({ name }) => name)),
      ...shown.result.observed,
      pruning: this.#pruningReport(progress),
    });
    this.#writer.add(step, summaries);
  }

  #pruningReport({ step, pruning: state }: Progress): PruningReport {
    const { pruning } = this.#run;
    return {
      name: pruning.hparams.name,
      sparsity: pruning.sparsityAt(step),
      lastMaskUpdateStep: state.lastMaskUpdateStep,
      masks: state.masks,
      thresholds: state.thresholds,
    };
  }

  checkpoint(step: number, path: string): void {
    this.#writer.addCheckpoint(step, path);
    this.#writer.flush();
  }

  /** Marks the run as complete. */
  succeed(step: number): void {
    this.#writer.add(step, [hparamsSessionEnd('success')]);
  }

  /**
   * Closes the file. It writes no status for an incomplete run: the run may continue, and TensorBoard keeps the first
   * status that it reads.
   */
  close(step: number): void {
    try {
      this.#writer.addSessionStop(step);
    } finally {
      this.#writer.close();
    }
  }

  /** Like `close`, but without errors of its own, which would hide an earlier one. */
  abandon(step: number): void {
    try {
      this.close(step);
    } catch {
      // On a full disk the file ends with the last event that could be written.
    }
  }
}
