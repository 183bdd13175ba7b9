import { toBinary } from '@bufbuild/protobuf';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { type GraphDef, GraphDefSchema } from '../../src/wire/protos.ts';
import { elementCount } from '../../src/wire/tensor.ts';
import { noise } from './graphs.ts';

/** Images of noise, and what our runtime computes from them. */
export async function ourOutput(graph: GraphDef, output: string, batch: number) {
  const model = await loadFrozenModel(toBinary(GraphDefSchema, graph), { output });
  const images = noise('images', batch * elementCount(model.inputShape));
  const values = await model.run(images);
  await model.dispose();
  return { images, shape: [batch, ...model.inputShape], values };
}

/** The largest distance between two lists of numbers; infinite where they are not as long. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
