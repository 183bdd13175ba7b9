import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { latestCheckpoint, MissingCheckpoint } from '../../src/checkpoint/index.ts';
import { writeState } from '../../src/checkpoint/state.ts';

/** What happens once the file `checkpoint` has been read. */
let afterReading: (() => Promise<unknown>) | undefined;
vi.mock('../../src/checkpoint/state.ts', async (original) => {
  const state = await original<typeof import('../../src/checkpoint/state.ts')>();
  return {
    ...state,
    readState: async (dir: string) => {
      const kept = await state.readState(dir);
      await afterReading?.();
      return kept;
    },
  };
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'find-checkpoint-'));
  afterReading = undefined;
});
afterEach(() => rm(dir, { recursive: true }));

const checkpoint = (step: number) => join(dir, `model.ckpt-${step}`);
const index = (step: number) => `${checkpoint(step)}.index`;
const name = (step: number) =>
  writeFile(join(dir, 'checkpoint'), `model_checkpoint_path: "model.ckpt-${step}"\n`);

it('finds the newer checkpoint where the one that was named has just been deleted', async () => {
  await writeFile(index(1), '');
  await name(1);
  afterReading = async () => {
    afterReading = undefined;
    await rename(index(1), index(2));
    await name(2);
  };
  expect(await latestCheckpoint(dir)).toBe(checkpoint(2));
});

it('finds none where a run that starts over has just deleted all', async () => {
  await name(1);
  afterReading = () => rm(join(dir, 'checkpoint'), { force: true });
  expect(await latestCheckpoint(dir)).toBeUndefined();
});

it('looks twice before it says that a checkpoint is not there', async () => {
  await name(1);
  let looks = 0;
  afterReading = async () => {
    looks += 1;
  };
  const error = await latestCheckpoint(dir).catch((failure) => failure);
  expect(error).toBeInstanceOf(MissingCheckpoint);
  expect(error).toMatchObject({ hint: 'Name another folder.', instead: undefined });
  expect(looks).toBe(2);
});

it('finds one that is named in another folder there, and here if both have been moved', async () => {
  const other = await mkdtemp(join(tmpdir(), 'find-elsewhere-'));
  const elsewhere = join(other, 'model.ckpt-1');
  await writeFile(index(1), '');
  await writeFile(`${elsewhere}.index`, '');
  // As a run does that keeps the checkpoint of another folder listed.
  await writeState(dir, elsewhere, [elsewhere, checkpoint(1)]);
  expect(await latestCheckpoint(dir)).toBe(elsewhere);
  await rm(other, { recursive: true });
  expect(await latestCheckpoint(dir)).toBe(checkpoint(1));
});

it('is told of a file that is no checkpoint', async () => {
  await writeFile(checkpoint(3), 'sixteen bytes...');
  await expect(latestCheckpoint(checkpoint(3))).rejects.toMatchObject({
    code: 'checkpoint',
    message: `${checkpoint(3)} is a file, expected a folder of checkpoints`,
    hint: 'Give the folder that train wrote to.',
  });
});

it('takes the highest step where no file names one, and nothing that only looks like one', async () => {
  for (const file of ['9', '10', '11.tmp']) await writeFile(index(0).replace('0.index', `${file}.index`), '');
  await writeFile(join(dir, 'old-model.ckpt-12.index'), '');
  await writeFile(`${index(13)}.bak`, '');
  expect(await latestCheckpoint(dir)).toBe(checkpoint(10));
});
