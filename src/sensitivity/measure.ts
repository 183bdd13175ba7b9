import { setImmediate as nextTurn } from 'node:timers/promises';
import { toBinary } from '@bufbuild/protobuf';
import type { Batch } from '../dataset/index.ts';
import { AccuracyCounter } from '../eval/index.ts';
import { type FrozenModelOptions, loadFrozenModel } from '../runtime/index.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';

export interface Measurement {
  /** Mean over all images, in nats. */
  readonly crossEntropy: number;
  /** Fraction of images that were classified correctly. */
  readonly accuracy: number;
}

/** @throws UserError as `loadFrozenModel` and the model do, `graph` if the outputs cannot be logits; the signal's reason if it is aborted */
export async function measure(
  graph: GraphDef,
  batches: readonly Batch[],
  options: FrozenModelOptions,
  signal?: AbortSignal,
): Promise<Measurement> {
  const model = await loadFrozenModel(toBinary(GraphDefSchema, graph), options);
  try {
    const [classes = 0] = model.outputShape;
    const counter = new AccuracyCounter(classes, model.outputName);
    let crossEntropy = 0;
    for (const { images, labels } of batches) {
      const logits = await model.run(images);
      counter.add(logits, labels);
      labels.forEach((label, image) => {
        const row = logits.subarray(image * classes, (image + 1) * classes);
        const largest = row.reduce((a, b) => Math.max(a, b));
        const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
        crossEntropy += Math.log(sum) + largest - row[label]!;
      });
      await nextTurn();
      signal?.throwIfAborted();
    }
    const { count, accuracy } = counter.result();
    return { crossEntropy: crossEntropy / count, accuracy };
  } finally {
    await model.dispose();
  }
}
