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
  readonly #writer: EventWriter;
  readonly #options: TrainOptions;
  #last: { readonly step: number; readonly time: number };

  /** @param step the global step that the run starts from */
  constructor(options: TrainOptions, step: number, graph: GraphDef, hparams: PruningHparams) {
    this.#options = options;
    this.#last = { step, time: performance.now() };
    this.#writer = new EventWriter(options.trainDir);
    this.#writer.addSessionStart(step + 1);
    this.#writer.addGraph(toBinary(GraphDefSchema, graph));
    const shown = Object.fromEntries(
      Object.entries(hparams).map(([name, value]) => [
        name,
        typeof value === 'object' ? value.join(' ') : value,
      ]),
    );
    const description = {
      flags: options.flags,
      hparams: shown,
      pruningName: hparams.name,
      startedAt: Date.now() / 1000,
    };
    this.#writer.add(step, runSummaries(description));
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

  /** @param status left out where the run stops only to be continued, since TensorBoard keeps the first status it sees */
  end(step: number, status?: 'success' | 'failure'): void {
    if (status) this.#writer.add(step, [hparamsSessionEnd(status)]);
    this.#writer.addSessionStop(step);
  }

  close(): void {
    this.#writer.close();
  }
}
