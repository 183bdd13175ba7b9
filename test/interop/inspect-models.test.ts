import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import { runPython } from './python.ts';

interface Findings {
  readonly values: number;
  readonly multiply_adds: number;
}

let folder: string;
let theirs: Readonly<Record<string, Findings>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-inspect-models-'));
  theirs = JSON.parse(await runPython('inspect-models.py', [folder]));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['conv1d', 'siamese', 'unet', 'transformer', 'mobilenet_v1', 'mobilenet_v2'])(
  'weights and multiply-adds of %s are those of the shapes that TensorFlow infers',
  async (name) => {
    const { total } = inspection(await loadModel(join(folder, `${name}.pb`)));
    expect(total).toMatchObject({
      values: theirs[name]!.values,
      partial: false,
      multiplyAdds: { dense: theirs[name]!.multiply_adds, unknown: 0, perIteration: 0, inBranch: 0 },
    });
  },
);

it('a SavedModel with the slots of Adam has the weights of the frozen graph', async () => {
  const { total } = inspection(await loadModel(join(folder, 'saved_model')));
  expect(total.values).toBe(theirs.siamese!.values);
  expect(total.multiplyAdds).toMatchObject({ dense: theirs.siamese!.multiply_adds, unknown: 0 });
});
