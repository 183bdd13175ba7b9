import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checkpoint } from '../checkpoint/index.ts';
import { evaluationBatches } from '../dataset/index.ts';
import type { Engine } from '../engine/engine.ts';
import { AccuracyCounter } from './accuracy.ts';
import { type Examples, restoreWeights, type Weights } from './evaluate.ts';
import { type RankedClass, softmax, topClasses } from './top-classes.ts';

/** A picture that was taken for another class. */
export interface Misclassified {
  /** Among the pictures, from 0. */
  readonly index: number;
  readonly label: number;
  /** The most probable classes, the most probable first. */
  readonly top: readonly RankedClass[];
}

/** What is asked of the pictures that are taken for another class. */
export interface MistakeOptions {
  /** How many of them at most, the first ones. */
  readonly count: number;
  /** How many classes of each. */
  readonly top: number;
}

/**
 * The first pictures that a checkpoint takes for another class; looks at no more batches than it needs.
 *
 * @throws UserError `checkpoint` if it is damaged or of another network, `graph` where the network gives NaN
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
