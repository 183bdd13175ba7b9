import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readState, removeLeftovers } from '../../src/checkpoint/index.ts';
import { removeFile } from '../../src/checkpoint/remove.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remove-'));
});
afterEach(() => rm(dir, { recursive: true }));

const path = (name: string) => join(dir, name);
const write = async (...names: string[]) => {
  for (const name of names) await writeFile(path(name), name);
};
const data = (step: number) => `model.ckpt-${step}.data-00000-of-00001`;
const whole = (step: number) => [data(step), `model.ckpt-${step}.index`, `model.ckpt-${step}.meta`];
const list = async () => (await readdir(dir)).sort();

describe('where no file names the checkpoints', () => {
  const theirs = ['best-3.index', 'model.ckpt-4.bak', 'notes.txt'];
  beforeEach(() => write(data(0), data(3), 'model.ckpt-3.meta', ...theirs));

  it('parts of one are deleted, and nothing is named', async () => {
    await removeLeftovers(dir, {});
    expect(await list()).toEqual(theirs);
  });

  it('whole ones stay, and that of the highest step is named', async () => {
    const kept = [9, 10, 11].flatMap(whole);
    await write(...kept);
    await removeLeftovers(dir, {});
    expect(await list()).toEqual(['checkpoint', ...kept, ...theirs].sort());
    expect(await readState(dir)).toEqual({ latest: path('model.ckpt-11'), all: [path('model.ckpt-11')] });
  });

  it.each([
    [2, [data(0)]],
    [3, [data(0), data(3), 'model.ckpt-3.meta']],
  ])("another program's, up to step %i, stay as they are", async (keptUpTo, kept) => {
    await removeLeftovers(dir, { keptUpTo });
    expect(await list()).toEqual([...kept, ...theirs].sort());
  });

  it("another program's are not named", async () => {
    await write(...whole(9));
    const before = await list();
    await removeLeftovers(dir, { keptUpTo: 9 });
    expect(await list()).toEqual(before);
  });
});

describe('where a file names the checkpoints', () => {
  const listing = (...steps: number[]) =>
    [
      '# by hand',
      'model_checkpoint_path: "model.ckpt-2"',
      ...steps.map((step) => `all_model_checkpoint_paths: "model.ckpt-${step}"`),
    ].join('\n');
  const state = () => readFile(path('checkpoint'), 'utf8');

  it('it is not written where all are there', async () => {
    await write(...whole(1), ...whole(2));
    await writeFile(path('checkpoint'), listing(1, 2));
    await removeLeftovers(dir, {});
    expect(await state()).toBe(listing(1, 2));
  });

  it('parts of those it lists are deleted from step 0 on, and of no others', async () => {
    await write(data(0), data(1), data(3), ...whole(2));
    await writeFile(path('checkpoint'), listing(0, 1, 2));
    await removeLeftovers(dir, {});
    expect(await list()).toEqual(['checkpoint', data(3), ...whole(2)].sort());
    expect(await readState(dir)).toEqual({ latest: path('model.ckpt-2'), all: [path('model.ckpt-2')] });
  });
});

describe('what the file system refuses is an error in one line', () => {
  it('to delete', async () => {
    await mkdir(path('model.ckpt-1.meta.17.tmp'));
    await expect(removeLeftovers(dir, {})).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining(`cannot delete ${path('model.ckpt-1.meta.17.tmp')}: `),
    });
  });

  it('to list', async () => {
    await expect(removeLeftovers(path('nowhere'), {})).rejects.toMatchObject({
      code: 'file',
      message: `cannot list ${path('nowhere')}: no such file or directory`,
    });
  });

  it('but a file that somebody else has just deleted is none', async () => {
    await removeFile(path('nowhere'));
    expect(await list()).toEqual([]);
  });
});
