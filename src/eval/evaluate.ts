import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Checkpoint, openExisting, readFloat32 } from '../checkpoint/index.ts';
import { evaluationBatches, type Records } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { averageName, maskName, weightsName } from '../model/names.ts';
import { trainableVariables } from '../model/variables.ts';
import type { FrozenModel } from '../runtime/index.ts';
import type { Task } from '../tasks/task.ts';
import { type Accuracy, AccuracyCounter, namingLogits } from './accuracy.ts';

/** Which values of a checkpoint's variables to evaluate. */
export type Weights = 'moving averages' | 'raw weights';

export interface CheckpointAccuracy extends Accuracy {
  /** The prefix of the checkpoint. */
  readonly checkpoint: string;
  readonly step: number | undefined;
  readonly weights: Weights;
}

/** Pictures to evaluate, and the number in a batch. */
export interface Examples {
  /** The task whose network takes the pictures. */
  readonly task: Task;
  readonly records: Records;
  readonly batchSize: number;
  /** Called after every batch with the number of pictures evaluated so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** When it aborts, the evaluation ends after the current batch and throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The first `count` pictures, or all if there are fewer. */
export function firstExamples(records: Records, count: number): Records {
  return records.slice(0, Math.min(count, records.count));
}

/**
 * The accuracy of the newest checkpoint of a folder, or of the checkpoint with a prefix. Masks are applied if it has any.
 *
 * @throws UserError `checkpoint` if the checkpoint is missing, damaged or of another network
 */
export async function evaluateCheckpoint(
  checkpointDir: string,
  engine: Engine,
  weights: Weights,
  examples: Examples,
): Promise<CheckpointAccuracy> {
  const checkpoint = await openExisting(checkpointDir);
  try {
    return await evaluateOpenCheckpoint(checkpoint, engine, weights, examples);
  } finally {
    await checkpoint.close();
  }
}

/** Like {@link evaluateCheckpoint}, for a checkpoint that the caller opens and closes. */
export async function evaluateOpenCheckpoint(
  checkpoint: Checkpoint,
  engine: Engine,
  weights: Weights,
  examples: Examples,
): Promise<CheckpointAccuracy> {
  await restoreWeights(checkpoint, engine, weights);
  const accuracy = await accuracyOf((images) => engine.forward(images), examples);
  return { ...accuracy, checkpoint: checkpoint.prefix, step: checkpoint.step, weights };
}

/** The error for a frozen graph whose output cannot be logits. */
export function noLogits(
  { outputName, outputShape }: FrozenModel,
  expected: string,
  task: Task,
  path?: string,
): UserError {
  const source = path === undefined ? outputName : `${path}: ${outputName}`;
  return new UserError(
    'graph',
    `${source} gives [${outputShape.join(', ')}] for an image, expected ${expected}`,
    namingLogits(task.outputName),
  );
}

/** The accuracy of a frozen graph that takes images and gives logits. @throws UserError `graph` if it gives anything else */
export async function evaluateFrozenModel(model: FrozenModel, examples: Examples): Promise<Accuracy> {
  const { task } = examples;
  const { classes } = task.network;
  if (model.outputShape.join() !== String(classes)) throw noLogits(model, `${classes} logits`, task);
  return accuracyOf((images) => model.run(images), examples);
}

async function accuracyOf(
  logitsOf: (images: Float32Array) => Promise<Float32Array>,
  { task, records, batchSize, onProgress, signal }: Examples,
): Promise<Accuracy> {
  const { classes, input } = task.network;
  const counter = new AccuracyCounter(classes, task.outputName);
  let done = 0;
  for (const { images, labels } of evaluationBatches(records, batchSize, input)) {
    counter.add(await logitsOf(images), labels);
    done += labels.length;
    onProgress?.(done);
    // Signals arrive only when the event loop has a turn.
    await nextTurn();
    signal?.throwIfAborted();
  }
  return counter.result();
}

/**
 * Loads the weights of a checkpoint into an engine, and its masks if it has any.
 *
 * @throws UserError `checkpoint` if the checkpoint is damaged or of another network
 */
export async function restoreWeights(
  checkpoint: Checkpoint,
  engine: Engine,
  weights: Weights,
): Promise<void> {
  const variables = new Map<string, Float32Array>();
  const masks = new Map<string, Float32Array>();
  if (weights === 'moving averages') refuseWithoutAverages(checkpoint);
  const isPruned = checkpoint.names.some((name) => name.endsWith(maskName('')));
  for (const { name, layer, shape, size } of trainableVariables(engine.network)) {
    const stored = weights === 'raw weights' ? name : averageName(name);
    variables.set(name, await readFloat32(checkpoint, stored, shape));
    if (name !== weightsName(layer)) continue;
    const mask = isPruned ? readFloat32(checkpoint, maskName(layer), shape) : new Float32Array(size).fill(1);
    masks.set(name, await mask);
  }
  engine.setVariables(variables);
  engine.setMasks(masks);
}

/** Whether a checkpoint has moving averages of its variables. */
export function hasAverages({ names }: Pick<Checkpoint, 'names'>): boolean {
  return names.some((name) => name.endsWith(averageName('')));
}

function refuseWithoutAverages({ prefix, names }: Checkpoint): void {
  if (hasAverages({ names })) return;
  throw new UserError(
    'checkpoint',
    `${prefix} has no moving averages of its variables`,
    'Add --raw to evaluate the variables themselves.',
  );
}
