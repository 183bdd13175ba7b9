import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { latestCheckpoint } from '../../src/checkpoint/index.ts';
import { encodeTable } from '../../src/wire/table.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'v1-'));
  await writeFile(join(dir, 'checkpoint'), 'model_checkpoint_path: "model.ckpt-5"\n');
});
afterEach(() => rm(dir, { recursive: true }));

it.each(['model.ckpt-5', 'model.ckpt-5-00000-of-00002'])(
  'a checkpoint in the format V1, %s, is named as that',
  async (file) => {
    await writeFile(join(dir, file), encodeTable([[Uint8Array.of(1), Uint8Array.of(2)]]));
    const prefix = join(dir, 'model.ckpt-5');
    for (const given of [dir, prefix])
      await expect(latestCheckpoint(given)).rejects.toMatchObject({
        code: 'checkpoint',
        message: `${prefix} is a checkpoint in TensorFlow's old format V1, expected V2 with model.ckpt-5.index and .data files`,
        hint: 'Restore it in TensorFlow and save it with tf.compat.v1.train.Saver(write_version=2).',
      });
  },
);

it.runIf(process.platform === 'linux')('a file that is looked at is closed again', async () => {
  const openFiles = async () => (await readdir('/proc/self/fd')).length;
  const file = join(dir, 'model.ckpt-5');
  await writeFile(file, encodeTable([[Uint8Array.of(1), Uint8Array.of(2)]]));
  const before = await openFiles();
  await expect(latestCheckpoint(file)).rejects.toThrow('format V1');
  await writeFile(file, 'short');
  await expect(latestCheckpoint(file)).rejects.toThrow('is a file, expected a folder');
  expect(await openFiles()).toBe(before);
});
