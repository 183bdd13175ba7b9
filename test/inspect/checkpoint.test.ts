import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';
import { writeCheckpoint } from '../cli/checkpoint-fixture.ts';
import { mask, metaGraphOf, refMetaGraph, resourceMetaGraph, values, weights } from '../strip/graphs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-checkpoint-'));
  await writeCheckpoint(folder, 70);
});
afterAll(() => rm(folder, { recursive: true }));

const inspect = async (path: string) => inspection(await loadModel(path, [], TASKS));

/** What a mask that keeps every tenth weight leaves of a layer, and how often each weight is used. */
const LAYERS = [
  { name: 'conv1/weights', values: 4800, uses: 24 * 24 },
  { name: 'conv2/weights', values: 102_400, uses: 12 * 12 },
  { name: 'local3/weights', values: 884_736, uses: 1 },
  { name: 'local4/weights', values: 73_728, uses: 1 },
  { name: 'softmax_linear/weights', values: 1920, uses: 1 },
].map(({ name, values, uses }) => {
  const nonzero = Math.ceil(values / 10);
  return {
    name,
    values,
    nonzero,
    maskSparsity: 1 - nonzero / values,
    rawSparsity: 0,
    multiplyAdds: { dense: uses * values, effective: uses * nonzero },
  };
});

test("the newest checkpoint of a folder: its mask's zeros, its weights' and those that take part", async () => {
  const found = await inspect(folder);
  expect(found).toMatchObject({ kind: 'checkpoint', step: 70, averages: 10, notices: [] });
  expect(found.path).toBe(join(folder, 'model.ckpt-70'));
  expect(found.weights).toMatchObject(LAYERS);
  expect(found.tensors).toHaveLength(39 - 5);
  expect(found.files.map(({ path }) => path.slice(found.path.length))).toEqual([
    '.data-00000-of-00001',
    '.index',
    '.meta',
  ]);
  expect(found.folder).toMatchObject({ path: folder, files: 4 });
});

test.each(['', '.index', '.meta', '.data-00000-of-00001'])(
  'a checkpoint named by its prefix and %j',
  async (ending) => {
    const found = await inspect(join(folder, `model.ckpt-70${ending}`));
    expect(found).toMatchObject({ kind: 'checkpoint', step: 70, folder: undefined });
  },
);

test('a checkpoint of the CIFAR-10 network that has lost its graph', async () => {
  const moved = join(folder, 'moved');
  for (const ending of ['.index', '.data-00000-of-00001'])
    await cp(join(folder, `model.ckpt-70${ending}`), join(moved, `model.ckpt-70${ending}`));
  const { weights, notices } = await inspect(moved);
  expect(weights).toMatchObject(LAYERS);
  expect(notices).toEqual([expect.stringContaining('the graph is taken from the CIFAR-10 network')]);
});

test.each([
  ['held by reference', refMetaGraph()],
  ['held as resources', resourceMetaGraph()],
  ['whose graph reads none of them', metaGraphOf([refMetaGraph().graphDef!.node[0]!])],
])('other masked variables, %s', async (how, metaGraph) => {
  const dir = join(folder, how);
  // A weight that the mask keeps is zero, and one that it drops is not.
  const raw = float32Tensor([3, 2], weights.data.with(0, 0));
  const variables = new Map([...values, ['fc/weights', raw] as const]);
  await saveCheckpoint({ dir, step: 1, variables, metaGraph, keep: 5 });
  const found = await inspect(dir);
  expect(found.weights).toMatchObject([
    { name: 'fc/weights', nonzero: 2, maskSparsity: 1 - 3 / 6, rawSparsity: 1 - 5 / 6, bytes: 48 },
  ]);
  expect(found.tensors.map(({ name, nonzero }) => [name, nonzero])).toEqual([
    ['fc/biases', 2],
    ['fc/mask', mask.data.filter(Boolean).length],
  ]);
});
