import { setImmediate as nextTurn } from 'node:timers/promises';
import { saveCheckpoint, writeGraphText } from '../checkpoint/index.ts';
import { type BatchQueue, loadSplit, prefetchBatches, type TrainingBatch } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { placeOperations } from '../engine/placement.ts';
import { selectEngine } from '../engine/select.ts';
import { metaGraph } from '../graph/index.ts';
import { hparamsNotices } from '../hparams/index.ts';
import { CIFAR10_NETWORK } from '../model/cifar10.ts';
import { weightsName } from '../model/names.ts';
import { weightedLayers, weightShape } from '../model/network.ts';
import { initialValues } from '../model/variables.ts';
import { createPruning, type Pruning, pruningWarnings, sparsity } from '../pruning/index.ts';
import { lossesOf, refuseDivergence, smoothLosses } from './losses.ts';
import { findRun, prepareTrainDir, type Run } from './open-run.ts';
import type { TrainObserver, TrainOptions, TrainResult } from './options.ts';
import { checkpointVariables, masksByLayer, type Progress, restoreCheckpoint } from './progress.ts';
import { Recorder } from './recorder.ts';
import { newSettings } from './run-settings.ts';
import { averageDecay, learningRate } from './schedules.ts';
import { claimTrainDir } from './train-dir.ts';

const network = CIFAR10_NETWORK;
const weights = weightedLayers(network).map((layer) => ({
  name: weightsName(layer.name),
  shape: [...weightShape(layer)],
}));

/**
 * Trains the CIFAR-10 network to maxSteps and prunes it on the way, from the newest checkpoint in trainDir if there is one.
 *
 * @throws UserError `hparams`, `argument`, `dataset`, `network`, `checkpoint`, `engine`, `file`; `diverged` once the loss is NaN
 */
export async function train(options: TrainOptions, observer: TrainObserver): Promise<TrainResult> {
  newSettings(options.settings);
  const trainDir = await claimTrainDir(options.trainDir);
  try {
    if (trainDir.lock.isWeak) observer.warning(WEAK_LOCK);
    return await trainLocked(options, observer);
  } finally {
    await trainDir.release();
  }
}

const WEAK_LOCK =
  'the system cannot lock train_dir; another run in it is noticed on this machine only, and after a crash of another machine its lock file stays';

async function trainLocked(options: TrainOptions, observer: TrainObserver): Promise<TrainResult> {
  const run = await findRun(options);
  const pruning = createPruning(run.settings.pruning_hparams, weights);
  announce(run, pruning, options, observer);
  const { engine, reason, device } = await selectEngine({ ...options, network });
  observer.notice(reason);
  try {
    const { batch_size: batchSize, seed, dataset } = run.settings;
    engine.reserve(batchSize);
    const records = await loadSplit('train', {
      name: dataset,
      dataDir: options.dataDir,
      url: options.dataUrl,
      onProgress: observer.download,
      signal: options.signal,
    });
    const start = await startingPoint(run, engine, pruning);
    await prepareTrainDir(options, run);
    const batches = prefetchBatches(records, { batchSize, seed, firstStep: start.step });
    try {
      const keptUpTo = run.settings.continued_from_step;
      const parts = { engine, device, pruning, batches, batchSize, checkpoint: run.checkpoint, keptUpTo };
      return await steps(options, observer, parts, start);
    } finally {
      await batches.close();
    }
  } finally {
    await engine.dispose();
  }
}

interface Parts {
  readonly engine: Engine;
  /** As device placement names it. */
  readonly device: string;
  readonly pruning: Pruning;
  readonly batches: BatchQueue;
  readonly batchSize: number;
  /** Where the run goes on. */
  readonly checkpoint: Run['checkpoint'];
  /** The step up to which checkpoints are another program's. */
  readonly keptUpTo: number | undefined;
}

async function steps(
  options: TrainOptions,
  observer: TrainObserver,
  { engine, device, pruning, batches, batchSize, checkpoint, keptUpTo }: Parts,
  start: Progress,
): Promise<TrainResult> {
  const { trainDir, maxSteps, signal, keepCheckpoints } = options;
  const graph = metaGraph(network, { pruningName: pruning.hparams.name, keep: keepCheckpoints });
  await writeGraphText(trainDir, graph.graphDef!);
  if (options.logDevicePlacement) {
    for (const { name, op } of placeOperations(graph.graphDef!.node, device))
      observer.notice(`${name}: (${op}): ${device}`);
  }
  const recorder = new Recorder(options, start.step, graph.graphDef!, pruning.hparams);
  let progress = start;
  let saved = { step: checkpoint?.step, time: performance.now(), path: checkpoint?.prefix ?? '' };
  const save = async () => {
    const variables = await checkpointVariables(engine, progress, pruning.hparams.name);
    const { step } = progress;
    const path = await saveCheckpoint({
      dir: trainDir,
      step,
      variables,
      metaGraph: graph,
      keep: keepCheckpoints,
      keptUpTo,
    });
    saved = { step, time: performance.now(), path };
    recorder.checkpoint(step, path);
    observer.checkpoint({ step, path });
  };
  const isSaveDue = () =>
    options.saveCheckpointSteps === undefined
      ? performance.now() - saved.time >= options.saveCheckpointSecs * 1000
      : progress.step % options.saveCheckpointSteps === 0;

  try {
    if (!checkpoint) await save();
    const started = performance.now();
    let batch: TrainingBatch | undefined;
    let loss: number | undefined;
    let overallSparsity = maskSparsity(progress);
    while (progress.step < maxSteps && !signal.aborted) {
      const began = performance.now();
      batch = await batches.next(batch);
      const step = progress.step + 1;
      const observe = recorder.isDue(step);
      const rate = learningRate(progress.step);
      const result = await engine.trainStep(batch.images, batch.labels, {
        learningRate: rate,
        averageDecay: averageDecay(step),
        observe,
      });
      refuseDivergence(result.totalLoss, step);
      loss = result.totalLoss;
      progress = {
        step,
        pruning: await prune(engine, pruning, progress, step, observer),
        lossAverages: smoothLosses(progress.lossAverages, lossesOf(result)),
      };
      if (progress.pruning.lastMaskUpdateStep === step) overallSparsity = maskSparsity(progress);
      if (observe)
        await recorder.step(engine, pruning, progress, { result, learningRate: rate, images: batch.images });

      const now = performance.now();
      const secondsPerBatch = (now - began) / 1000;
      observer.step({
        step,
        maxSteps,
        loss,
        accuracy: result.accuracy,
        imagesPerSecond: batchSize / secondsPerBatch,
        secondsPerBatch,
        sparsity: overallSparsity,
        secondsLeft: (((now - started) / (step - start.step)) * (maxSteps - step)) / 1000,
      });
      if (isSaveDue()) await save();
      // Everything above can run without the event loop having a turn, and Ctrl-C is heard only in one.
      await nextTurn();
    }
    if (saved.step !== progress.step) await save();
    const interrupted = signal.aborted && progress.step < maxSteps;
    recorder.end(progress.step, interrupted ? undefined : 'success');
    return { step: progress.step, loss, sparsity: overallSparsity, checkpoint: saved.path, interrupted };
  } catch (error) {
    recorder.end(progress.step, 'failure');
    throw error;
  } finally {
    recorder.close();
  }
}

/** Computes the masks anew if this step is one of an update. */
async function prune(
  engine: Engine,
  pruning: Pruning,
  { pruning: state }: Progress,
  step: number,
  observer: TrainObserver,
) {
  if (!pruning.isUpdateStep(state, step)) return state;
  const update = pruning.update(state, step, await engine.readVariables(pruning.prunedWeights));
  engine.setMasks(masksByLayer(network, update.state));
  for (const warning of update.warnings) observer.warning(warning);
  return update.state;
}

async function startingPoint(run: Run, engine: Engine, pruning: Pruning): Promise<Progress> {
  if (run.checkpoint) return restoreCheckpoint(run.checkpoint, engine);
  engine.setVariables(initialValues(network, run.settings.seed));
  return { step: 0, pruning: pruning.initialState(), lossAverages: new Map() };
}

function announce(run: Run, pruning: Pruning, { maxSteps }: TrainOptions, observer: TrainObserver) {
  for (const line of run.notices) observer.notice(line);
  if (!run.checkpoint) for (const line of hparamsNotices(pruning.hparams)) observer.notice(line);
  const names = weights.map(({ name }) => name);
  for (const line of pruningWarnings(pruning.hparams, maxSteps, names)) observer.warning(line);
}

/** Fraction of zeros in all masks together. */
function maskSparsity({ pruning }: Progress): number {
  const masks = [...pruning.masks.values()];
  const size = masks.reduce((total, mask) => total + mask.length, 0);
  return masks.reduce((zeros, mask) => zeros + sparsity(mask) * mask.length, 0) / size;
}
