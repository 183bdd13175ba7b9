import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { damaged, decodingFile, hintingAtOlder } from '../../src/checkpoint/damage.ts';
import { BY_NAME } from '../../src/checkpoint/file-access.ts';
import { readFloat32, TRAINING_DIVERGED } from '../../src/checkpoint/index.ts';
import type { Checkpoint } from '../../src/checkpoint/open.ts';
import { UserError } from '../../src/errors.ts';
import { UnreadableFile } from '../../src/regular-file.ts';
import type { Tensor } from '../../src/wire/tensor.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'damage-'));
});
afterEach(() => rm(dir, { recursive: true }));

const failing = (prefix: string, error: Error = damaged(prefix, 'it is cut')) =>
  hintingAtOlder(prefix, () => Promise.reject(error)).catch((failure) => failure);

describe('a file of a checkpoint', () => {
  it.each([
    ['is not there', () => join(dir, 'model.ckpt-9.meta')],
    ['cannot be read: it is a folder, expected a file', () => dir],
  ])('that %s is an error of the checkpoint', async (how, place) => {
    const path = place();
    await expect(BY_NAME.use(path, (file) => file.readAll())).rejects.toMatchObject({
      code: 'checkpoint',
      message: `${path} ${how}`,
      cause: expect.any(UnreadableFile),
    });
  });

  const decoding = (error: Error) => {
    try {
      return decodingFile('model.ckpt-9.meta', 'a MetaGraphDef', () => {
        throw error;
      });
    } catch (failure) {
      return failure;
    }
  };

  it('that does not decode is named, with what it should hold', () => {
    const cause = new RangeError('too short');
    expect(decoding(cause)).toMatchObject({
      code: 'checkpoint',
      message: 'model.ckpt-9.meta is damaged: it does not hold a MetaGraphDef',
      cause,
    });
  });

  it('is named in front of what its decoder says', () => {
    const cause = new UserError('checkpoint', 'the table is compressed', 'Save it without.');
    const { code, hint } = cause;
    expect(decoding(cause)).toMatchObject({
      code,
      message: 'model.ckpt-9.meta: the table is compressed',
      hint,
      cause,
    });
  });
});

describe('the hint on a checkpoint that cannot be read', () => {
  it('names the next older one of its series, and nothing that only looks like one', async () => {
    const files = [
      ...['a-1.ckpt-2.index', 'a-1.ckpt-4.index', 'a-1.ckpt-12.index'],
      ...['a-2.ckpt-5.index', 'a-1.ckpt-6.index.tmp', 'a-1.ckpt-7.meta', 'ckpt-8.index'],
    ];
    for (const file of files) await writeFile(join(dir, file), '');
    const error = await failing(join(dir, 'a-1.ckpt-9'));
    expect(error).toMatchObject({ code: 'checkpoint', instead: join(dir, 'a-1.ckpt-4') });
    expect(error.hint).toContain(`Name ${join(dir, 'a-1.ckpt-4')} instead, here or in `);
    expect(error.hint).toContain(join(dir, 'checkpoint'));
    expect(error.cause).toMatchObject({ message: expect.stringContaining('it is cut') });
  });

  it('names none where there is none, or no folder', async () => {
    await writeFile(join(dir, 'model.ckpt-9.index'), '');
    for (const prefix of [join(dir, 'model.ckpt-9'), join(dir, 'nowhere', 'model.ckpt-9')])
      expect(await failing(prefix)).toMatchObject({
        instead: undefined,
        hint: 'Train again from the start, or name another folder.',
      });
  });

  it('keeps a hint that is there, and lets a bug through', async () => {
    const hinted = new UserError('checkpoint', 'of another network', 'Name another.');
    expect(await failing(join(dir, 'model.ckpt-9'), hinted)).toBe(hinted);
    const bug = new TypeError('x is undefined');
    expect(await failing(join(dir, 'model.ckpt-9'), bug)).toBe(bug);
  });
});

describe('a float32 variable', () => {
  const holding = (tensor: Tensor) =>
    ({ prefix: 'model.ckpt-9', read: async () => tensor }) as unknown as Checkpoint;

  it('is read where type and shape are right', async () => {
    const data = Float32Array.of(1, 2);
    expect(await readFloat32(holding({ dtype: 'float32', shape: [2, 1], data }), 'w', [2, 1])).toBe(data);
  });

  it.each<[Tensor, string]>([
    [{ dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) }, 'float32 of shape [1,2]'],
    [{ dtype: 'int32', shape: [2, 1], data: Int32Array.of(1, 2) }, 'int32 of shape [2,1]'],
  ])('is refused where they are not', async (tensor, found) => {
    await expect(readFloat32(holding(tensor), 'w', [2, 1])).rejects.toMatchObject({
      code: 'checkpoint',
      message: `model.ckpt-9: w is ${found}, expected float32 of [2,1]`,
      hint: 'Name a checkpoint of this network.',
    });
  });

  it('is refused where training has diverged', async () => {
    const data = Float32Array.of(1, Number.NaN);
    await expect(
      readFloat32(holding({ dtype: 'float32', shape: [2], data }), 'w', [2]),
    ).rejects.toMatchObject({
      code: 'checkpoint',
      message: 'model.ckpt-9: w holds NaN at [1], and 1 of its 2 values is NaN or infinite',
      hint: TRAINING_DIVERGED,
    });
  });
});
