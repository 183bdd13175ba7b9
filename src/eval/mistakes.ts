import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checkpoint } from '../checkpoint/index.ts';
import { evaluationBatches } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { AccuracyCounter } from './accuracy.ts';
import { type Examples, restoreWeights, type Weights } from './evaluate.ts';
import { type RankedClass, softmax, topClasses } from './top-classes.ts';

/** A picture that was classified wrongly. */
export interface Misclassified {
  /** Index among the pictures, from 0. */
  readonly index: number;
  readonly label: number;
  /** The most probable classes, the most probable first. */
  readonly top: readonly RankedClass[];
}

/** How much to report about wrongly classified pictures. */
export interface MistakeOptions {
  /** Number of pictures, at most. */
  readonly count: number;
  /** Number of most probable classes for each picture. */
  readonly top: number;
}

/**
 * The first pictures that a checkpoint classifies wrongly; computes no more batches than needed.
 *
 * @throws UserError `checkpoint` if the checkpoint is damaged or of another network, `graph` if the network gives NaN
 */
export async function firstMistakes(
  checkpoint: Checkpoint,
  engine: Engine,
  weights: Weights,
  { task, records, batchSize, onProgress, signal }: Examples,
  { count, top }: MistakeOptions,
): Promise<Misclassified[]> {
  await restoreWeights(checkpoint, engine, weights);
  const { classes, input } = task.network;
  const counter = new AccuracyCounter(classes, task.outputName);
  const mistakes: Misclassified[] = [];
  let done = 0;
  for (const { images, labels } of evaluationBatches(records, batchSize, input)) {
    const logits = await engine.forward(images);
    counter.add(logits, labels);
    for (const [image, label] of labels.entries()) {
      const ranked = topClasses(softmax(logits.subarray(image * classes, (image + 1) * classes)), top);
      if (ranked[0]!.label !== label) mistakes.push({ index: done + image, label, top: ranked });
    }
    done += labels.length;
    onProgress?.(done);
    if (mistakes.length >= count) break;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return mistakes.slice(0, count);
}
