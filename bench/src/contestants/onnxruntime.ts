import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import ort from 'onnxruntime-node';
import type { Contestant } from '../contestant.ts';
import { MATERIALS, type Materials } from '../materials.ts';
import { BATCH, type Task } from '../task.ts';

/** onnxruntime's own kernels, its number of threads its own choice unless fewer are wanted than there are cores. */
export async function openOnnxRuntime(materials: Materials, threads: number): Promise<Contestant> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const options = threads < availableParallelism() ? { intraOpNumThreads: threads } : {};
  /** By sparsity. */
  const sessions = new Map<number, ort.InferenceSession>();

  async function prepare(task: Task, count?: number): Promise<() => Promise<Float32Array>> {
    if (task.kind !== 'inference') throw new Error('not a task of this contestant');
    const { sparsity, batch } = task;
    const session =
      sessions.get(sparsity) ??
      (await ort.InferenceSession.create(materials.path(MATERIALS.onnx(sparsity)), options));
    sessions.set(sparsity, session);
    const images = materials.images(count ?? batch);
    const feeds = {
      [session.inputNames[0]!]: new ort.Tensor('float32', images, [
        count ?? batch,
        ...materials.list.imageShape,
      ]),
    };
    return async () => (await session.run(feeds))[session.outputNames[0]!]!.data as Float32Array;
  }

  return {
    description: `onnxruntime-node ${version}`,
    prepare: (task) => prepare(task),
    logits: async (task) => (await prepare(task, BATCH))(),
  };
}
