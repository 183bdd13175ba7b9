import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  existingCheckpoint,
  latestCheckpoint,
  openCheckpoint,
  readMetaGraph,
  saveCheckpoint,
} from '../../src/checkpoint/index.ts';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import type { Tensor } from '../../src/wire/tensor.ts';

const graph = metaGraph(CIFAR10_NETWORK, { pruningName: 'cifar10_pruning', keep: 5 });
const variables = new Map<string, Tensor>([
  ['conv1/weights', { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) }],
  ['conv1/biases', { dtype: 'float32', shape: [2], data: Float32Array.of(7, 8) }],
  ['global_step', { dtype: 'int64', shape: [], data: BigInt64Array.of(70n) }],
  ['p/last_mask_update_step', { dtype: 'int32', shape: [], data: Int32Array.of(60) }],
]);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});

const save = (step: number, keep = 5) => saveCheckpoint({ dir, step, variables, metaGraph: graph, keep });

test('reads back every variable it wrote', async () => {
  const checkpoint = await openCheckpoint(await save(70));
  expect(checkpoint.step).toBe(70);
  expect(checkpoint.names).toEqual([...variables.keys()].sort());
  for (const [name, tensor] of variables) expect(await checkpoint.read(name)).toEqual(tensor);
});

test('the graph has the 39 variables of the original', async () => {
  const { graphDef } = await readMetaGraph(await save(70));
  const inGraph = graphDef!.node.filter(({ op }) => op === 'VariableV2').map(({ name }) => name);
  expect(inGraph).toHaveLength(39);
  expect(inGraph).toEqual(graphVariables(CIFAR10_NETWORK, 'cifar10_pruning').map(({ name }) => name));
});

test('keeps the newest checkpoints and finds them after the folder was moved', async () => {
  for (const step of [0, 10, 20]) await save(step, 2);
  const kept = (await readdir(dir)).filter((file) => file.endsWith('.index'));
  expect(kept.sort()).toEqual(['model.ckpt-10.index', 'model.ckpt-20.index']);
  const moved = `${dir}-moved`;
  await rename(dir, moved);
  expect(await latestCheckpoint(moved)).toBe(join(moved, 'model.ckpt-20'));
  expect(await latestCheckpoint(join(moved, 'model.ckpt-10'))).toBe(join(moved, 'model.ckpt-10'));
});

test('without a file named checkpoint the newest is that of the highest step', async () => {
  for (const step of [9, 10]) await save(step);
  await rm(join(dir, 'checkpoint'));
  expect(await latestCheckpoint(dir)).toBe(join(dir, 'model.ckpt-10'));
});

test('a folder without checkpoints is told apart from a file', async () => {
  expect(await latestCheckpoint(join(dir, 'missing'))).toBeUndefined();
  await expect(existingCheckpoint(dir)).rejects.toMatchObject({
    code: 'checkpoint',
    message: `${dir} holds no checkpoint, expected a file named checkpoint and model.ckpt-N files`,
    hint: 'Train first: cifar10-prune train --train_dir=DIR, or name another folder.',
  });
  const file = join(dir, 'file');
  await writeFile(file, '');
  await expect(latestCheckpoint(file)).rejects.toThrow('is a file, expected a folder of checkpoints');
});

describe('a damaged file is one error that names it', () => {
  test.each(['.index', '.data-00000-of-00001', '.meta'])('%s cut short', async (suffix) => {
    const prefix = await save(70);
    const path = prefix + suffix;
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await expect(readWhole(prefix)).rejects.toMatchObject({
      name: 'UserError',
      code: 'checkpoint',
      message: expect.stringContaining(path),
    });
  });

  test.each(['.index', '.data-00000-of-00001'])('any one byte of %s', async (suffix) => {
    const prefix = await save(70);
    const path = prefix + suffix;
    const bytes = await readFile(path);
    for (let position = 0; position < bytes.length; position++) {
      const changed = Buffer.from(bytes);
      changed[position]! ^= 1 << (position % 8);
      await writeFile(path, changed);
      await expect(readWhole(prefix), `byte ${position}`).rejects.toMatchObject({
        name: 'UserError',
        code: 'checkpoint',
        message: expect.stringContaining(path),
      });
    }
  });

  test.each(['.index', '.data-00000-of-00001', '.meta'])('%s missing, empty or random', async (suffix) => {
    const prefix = await save(70);
    const path = prefix + suffix;
    const refusal = { name: 'UserError', code: 'checkpoint', message: expect.stringContaining(path) };
    await writeFile(path, '');
    await expect(readWhole(prefix)).rejects.toMatchObject(refusal);
    await writeFile(path, Buffer.alloc(100_000, 'no such bytes'));
    await expect(readWhole(prefix)).rejects.toMatchObject(refusal);
    await rm(path);
    await expect(readWhole(prefix)).rejects.toMatchObject(refusal);
  });

  test.each([
    ['a MetaGraphDef', Uint8Array.of(0xff)],
    ['a graph', new Uint8Array()],
  ])('.meta that does not hold %s', async (what, bytes) => {
    const path = `${await save(70)}.meta`;
    await writeFile(path, bytes);
    await expect(readMetaGraph(join(dir, 'model.ckpt-70'))).rejects.toThrow(
      `${path} is damaged: it does not hold ${what}`,
    );
  });
});

async function readWhole(prefix: string): Promise<Map<string, Tensor>> {
  const checkpoint = await openCheckpoint(prefix);
  const tensors = new Map<string, Tensor>();
  for (const name of checkpoint.names) tensors.set(name, await checkpoint.read(name));
  await readMetaGraph(prefix);
  return tensors;
}
