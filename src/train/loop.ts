import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeGraphText } from '../checkpoint/index.ts';
import { type BatchQueue, prefetchBatches, type TrainingBatch } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { placeOperations } from '../engine/placement.ts';
import { selectEngine } from '../engine/select.ts';
import { metaGraph } from '../graph/index.ts';
import { hparamsNotices } from '../hparams/index.ts';
import { weightsName } from '../model/names.ts';
import { type Network, weightedLayers, weightShape } from '../model/network.ts';
import { initialValues } from '../model/variables.ts';
import { createPruning, type NamedWeight, type Pruning } from '../pruning/index.ts';
import { datasetOf } from '../tasks/task.ts';
import { keepSettings } from './kept-settings.ts';
import { overallSparsity, pruningByLayer } from './layer-pruning.ts';
import { refuseLooserMasks } from './looser-masks.ts';
import { lossesOf, refuseDivergence, smoothLosses } from './losses.ts';
import { findRun, prepareTrainDir, type Run } from './open-run.ts';
import type { StepReport, TrainObserver, TrainOptions, TrainResult } from './options.ts';
import { type Progress, restoreCheckpoint } from './progress.ts';
import { Recorder } from './recorder.ts';
import { isAskedFor, newSettings } from './run-settings.ts';
import { Saver } from './saver.ts';
import { TrainDir } from './train-dir.ts';
import { hintingAtWayOn } from './way-on.ts';

/**
 * Trains a task's network up to step maxSteps and prunes it meanwhile. Continues from the newest checkpoint in trainDir, if there is one.
 *
 * @throws UserError `hparams`, `argument`, `dataset`, `network`, `checkpoint`, `engine`, `file`; `diverged` once the loss is NaN
 */
export async function train(options: TrainOptions, observer: TrainObserver): Promise<TrainResult> {
  newSettings(options.task, options.settings);
  const trainDir = await TrainDir.claim(options.trainDir);
  try {
    if (trainDir.isWeaklyLocked) observer.warning(WEAK_LOCK);
    const run = await hintingAtWayOn(trainDir.path, () => findRun(options));
    return await trainRun(run, trainDir, options, observer);
  } finally {
    await trainDir.release();
  }
}

const WEAK_LOCK =
  'train_dir is on a system that does not lock files: a second run in it is noticed only on the same machine';

async function trainRun(
  run: Run,
  trainDir: TrainDir,
  options: TrainOptions,
  observer: TrainObserver,
): Promise<TrainResult> {
  const { network, recipe } = options.task;
  const pruning = createPruning(run.settings.pruning_hparams, prunableWeights(network));
  announce(run, pruning, options, observer);
  const { engine, reason, device } = await selectEngine({ ...options, network });
  observer.notice(reason);
  try {
    const { batch_size: batchSize, seed, dataset } = run.settings;
    engine.reserve(batchSize);
    const records = await datasetOf(options.task, dataset).load('train', {
      dataDir: options.dataDir,
      url: options.dataUrl,
      onProgress: observer.download,
      onWait: observer.notice,
      signal: options.signal,
    });
    const start = await hintingAtWayOn(trainDir.path, () => startingPoint(run, engine, pruning));
    if (mayLoosenMasks(run, options)) refuseLooserMasks(pruning, start, options.maxSteps);
    await prepareTrainDir(options, run);
    const batches = prefetchBatches(records, {
      batchSize,
      seed,
      input: network.input,
      augmentation: recipe.augmentation,
      firstStep: start.step,
    });
    try {
      return await steps(options, observer, { run, trainDir, engine, device, pruning, batches }, start);
    } finally {
      await batches.close();
    }
  } finally {
    await engine.dispose();
  }
}

interface Parts {
  readonly run: Run;
  readonly trainDir: TrainDir;
  readonly engine: Engine;
  /** The device's name in notices of device placement. */
  readonly device: string;
  readonly pruning: Pruning;
  readonly batches: BatchQueue;
}

async function steps(
  options: TrainOptions,
  observer: TrainObserver,
  { run, trainDir, engine, device, pruning, batches }: Parts,
  start: Progress,
): Promise<TrainResult> {
  const { maxSteps, signal } = options;
  const { network, recipe } = options.task;
  const { settings } = run;
  const metaGraphDef = metaGraph(network, {
    pruningName: pruning.hparams.name,
    keep: options.keepCheckpoints,
  });
  keepSettings(metaGraphDef, settings);
  const graph = metaGraphDef.graphDef!;
  await writeGraphText(trainDir.path, graph);
  if (options.logDevicePlacement) {
    for (const { name, op } of placeOperations(graph.node, device))
      observer.notice(`${name}: (${op}): ${device}`);
  }
  const recorder = new Recorder(options, start.step, { graph, network, settings, pruning });
  const files = { trainDir, settings, graph, recorder };
  const saver = new Saver(
    options,
    observer,
    { files, metaGraph: metaGraphDef, engine, pruning },
    run.checkpoint,
  );
  let progress = start;
  let stepIsWhole = true;
  try {
    if (!run.checkpoint) await saver.save(progress);
    const started = performance.now();
    let batch: TrainingBatch | undefined;
    let last: StepReport | undefined;
    let layers = pruningByLayer(start.pruning);
    while (progress.step < maxSteps && !signal.aborted) {
      const began = performance.now();
      batch = await batches.next(batch);
      const step = progress.step + 1;
      const observe = recorder.isDue(step);
      const rate = recipe.learningRate(progress.step);
      stepIsWhole = false;
      const result = await engine.trainStep(batch.images, batch.labels, {
        learningRate: rate,
        averageDecay: recipe.averageDecay(step),
        observe,
      });
      refuseDivergence(result.totalLoss, step);
      progress = {
        step,
        pruning: await prune(engine, pruning, progress, step, observer),
        lossAverages: smoothLosses(progress.lossAverages, lossesOf(result)),
      };
      stepIsWhole = true;
      const hasNewMasks = progress.pruning.lastMaskUpdateStep === step;
      if (hasNewMasks) layers = pruningByLayer(progress.pruning);
      if (observe)
        await recorder.step(engine, progress, { result, learningRate: rate, images: batch.images });
      else if (hasNewMasks) recorder.maskUpdate(progress);

      const now = performance.now();
      const secondsPerBatch = (now - began) / 1000;
      last = {
        step,
        maxSteps,
        loss: result.totalLoss,
        accuracy: result.accuracy,
        imagesPerSecond: settings.batch_size / secondsPerBatch,
        secondsPerBatch,
        sparsity: overallSparsity(layers),
        secondsLeft: (((now - started) / (step - start.step)) * (maxSteps - step)) / 1000,
      };
      observer.step(last);
      if (saver.isDue(step)) await saver.save(progress);
      // Without this turn of the event loop Ctrl-C might never arrive: nothing above needs one.
      await nextTurn();
    }
    const checkpoint = await saver.finish(progress);
    const interrupted = signal.aborted && progress.step < maxSteps;
    if (!interrupted) recorder.succeed(progress.step);
    recorder.close(progress.step);
    return {
      step: progress.step,
      steps: progress.step - start.step,
      seconds: (performance.now() - started) / 1000,
      loss: last?.loss,
      accuracy: last?.accuracy,
      sparsity: overallSparsity(layers),
      layers,
      checkpoint,
      interrupted,
    };
  } catch (error) {
    const told = stepIsWhole ? await saver.rescue(progress, error) : error;
    recorder.abandon(progress.step);
    throw told;
  }
}

/** Whether pruned weights might come back although the user did not ask for that: defaults of hparams meet another program's masks. */
function mayLoosenMasks({ origin }: Run, { settings, overrideHparams }: TrainOptions): boolean {
  const isChosen = overrideHparams || isAskedFor(settings, ['target_sparsity', 'weight_sparsity_map']);
  return origin === 'another program' && !isChosen;
}

/** Updates the masks if the schedule has an update at this step. */
async function prune(
  engine: Engine,
  pruning: Pruning,
  { pruning: state }: Progress,
  step: number,
  observer: TrainObserver,
) {
  if (!pruning.isUpdateStep(state, step)) return state;
  const update = pruning.updateMasks(state, step, await engine.readVariables(pruning.prunedWeights));
  engine.setMasks(update.state.masks);
  for (const warning of update.warnings) observer.warning(warning);
  return update.state;
}

async function startingPoint(run: Run, engine: Engine, pruning: Pruning): Promise<Progress> {
  if (run.checkpoint) return restoreCheckpoint(run.checkpoint, engine);
  engine.setVariables(initialValues(engine.network, run.settings.seed));
  return { step: 0, pruning: pruning.initialState(), lossAverages: new Map() };
}

/** The weights that can be pruned, in forward order. */
function prunableWeights(network: Network): NamedWeight[] {
  return weightedLayers(network).map((layer) => ({
    name: weightsName(layer.name),
    shape: weightShape(layer),
  }));
}

function announce(run: Run, pruning: Pruning, { maxSteps }: TrainOptions, observer: TrainObserver) {
  for (const line of run.notices) observer.notice(line);
  if (!run.checkpoint) for (const line of hparamsNotices(pruning.hparams)) observer.notice(line);
  for (const line of pruning.warnings(maxSteps)) observer.warning(line);
}
