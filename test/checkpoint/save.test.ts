import { mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { fromText } from '@bufbuild/protobuf/txtpb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  latestCheckpoint,
  openCheckpoint,
  readState,
  saveCheckpoint,
  writeGraphText,
} from '../../src/checkpoint/index.ts';
import { GraphDefSchema, MetaGraphDefSchema } from '../../src/wire/protos.ts';
import { float32Scalar } from '../../src/wire/tensor.ts';

const metaGraph = create(MetaGraphDefSchema, { graphDef: { node: [{ name: 'step', op: 'VariableV2' }] } });
const suffixes = ['data-00000-of-00001', 'index', 'meta'];

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'save-')), 'made/by/save');
});

const save = (step: number, keep = 5, keptUpTo?: number) =>
  saveCheckpoint({
    dir,
    step,
    variables: new Map([['step', float32Scalar(step)]]),
    metaGraph,
    keep,
    keptUpTo,
  });
const filesOf = (...steps: number[]) =>
  steps.flatMap((step) => suffixes.map((suffix) => `model.ckpt-${step}.${suffix}`)).sort();
const list = async () => (await readdir(dir)).sort();

test('writes data, index, meta and the file that names them, and leaves nothing else', async () => {
  expect(await save(70)).toBe(join(dir, 'model.ckpt-70'));
  expect(await list()).toEqual(['checkpoint', ...filesOf(70)]);
  expect(await readFile(join(dir, 'checkpoint'), 'utf8')).toBe(
    'model_checkpoint_path: "model.ckpt-70"\nall_model_checkpoint_paths: "model.ckpt-70"\n',
  );
});

test('names the checkpoints from the oldest to the newest and keeps as many as asked', async () => {
  for (const step of [1, 2, 10, 11]) await save(step, 3);
  const names = [2, 10, 11].map((step) => join(dir, `model.ckpt-${step}`));
  expect(await readState(dir)).toEqual({ latest: names[2], all: names });
  expect(await list()).toEqual(['checkpoint', ...filesOf(2, 10, 11)]);
});

test('neither counts nor deletes those up to a given step', async () => {
  for (const step of [1, 2, 3]) await save(step);
  await save(4, 1, 2);
  expect(await readState(dir)).toMatchObject({ all: [join(dir, 'model.ckpt-4')] });
  expect(await list()).toEqual(['checkpoint', ...filesOf(1, 2, 4)]);
});

test.each([0, -1, Number.NaN])('keeping %s checkpoints is a bug, and nothing is written', async (keep) => {
  await expect(save(1, keep)).rejects.toThrow(new RangeError(`keep is ${keep}, expected at least 1`));
  await expect(list()).rejects.toThrow('ENOENT');
});

test('a step saved again is named once and replaced', async () => {
  await save(1);
  await save(2);
  await save(1);
  const names = [2, 1].map((step) => join(dir, `model.ckpt-${step}`));
  expect(await readState(dir)).toEqual({ latest: names[1], all: names });
});

test('where the user went back, the checkpoint that was named is listed and kept as the others', async () => {
  for (const step of [1, 2, 3]) await save(step);
  await writeFile(join(dir, 'checkpoint'), 'model_checkpoint_path: "model.ckpt-2"');
  await save(4);
  expect(await readState(dir)).toMatchObject({ all: [2, 4].map((step) => join(dir, `model.ckpt-${step}`)) });
  await save(5, 2);
  expect(await list()).toEqual(['checkpoint', ...filesOf(1, 3, 4, 5)]);
});

test('deletes only its own files', async () => {
  await mkdir(dir, { recursive: true });
  const theirs = ['model.ckpt-1.bak', 'model.ckpt-12.index', 'best-1.index', 'notes.txt'];
  for (const file of theirs) await writeFile(join(dir, file), 'keep');
  await writeFile(
    join(dir, 'checkpoint'),
    'model_checkpoint_path: "best-1"\nall_model_checkpoint_paths: "best-1"\nall_model_checkpoint_paths: ""',
  );
  for (const step of [1, 2]) await save(step, 1);
  expect(await list()).toEqual(['checkpoint', ...filesOf(2), ...theirs].sort());
});

test('in a copied folder with absolute names, the original is left alone', async () => {
  await save(1);
  const original = `${dir}-original`;
  await rename(dir, original);
  await mkdir(dir);
  for (const file of await readdir(original))
    await writeFile(join(dir, file), await readFile(join(original, file)));
  const absolute = join(original, 'model.ckpt-1');
  await writeFile(
    join(dir, 'checkpoint'),
    `model_checkpoint_path: "${absolute}"\nall_model_checkpoint_paths: "${absolute}"`,
  );
  await save(2, 1);
  expect(await list()).toEqual(['checkpoint', ...filesOf(2)]);
  expect((await readdir(original)).sort()).toEqual(['checkpoint', ...filesOf(1)]);
});

test('writes the graph as text', async () => {
  await writeGraphText(dir, metaGraph.graphDef!);
  const text = await readFile(join(dir, 'graph.pbtxt'), 'utf8');
  expect(fromText(GraphDefSchema, text)).toEqual(metaGraph.graphDef);
});

describe('what the file system refuses is an error in one line', () => {
  const refusal = (what: string) => ({
    name: 'UserError',
    code: 'file',
    message: expect.stringContaining(what),
    hint: expect.any(String),
  });

  test('where the folder is to be, there is a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'save-')), 'file');
    await writeFile(file, 'precious');
    dir = file;
    await expect(save(1)).rejects.toMatchObject(refusal(`cannot make the folder ${file}`));
    dir = join(file, 'below');
    await expect(save(1)).rejects.toMatchObject(refusal(`cannot make the folder ${dir}`));
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  test('a file cannot take its place', async () => {
    const before = await save(1);
    await mkdir(join(dir, 'model.ckpt-2.index/full'), { recursive: true });
    await expect(save(2)).rejects.toMatchObject(refusal('cannot write'));
    expect(await latestCheckpoint(dir)).toBe(before);
    expect((await list()).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
});

describe('the file that names the checkpoints', () => {
  const write = (text: string) => writeFile(join(dir, 'checkpoint'), text);

  test('may name them by absolute paths, also when they were moved', async () => {
    const prefix = await save(70);
    await write(`model_checkpoint_path: "${prefix}"`);
    expect(await latestCheckpoint(dir)).toBe(prefix);
    await write('model_checkpoint_path: "/nowhere/model.ckpt-70"');
    expect(await latestCheckpoint(dir)).toBe(prefix);
    await write('model_checkpoint_path: "C:\\\\runs\\\\model.ckpt-70"');
    expect(await latestCheckpoint(dir)).toBe(prefix);
  });

  test('is said to name what is not there, beside what is', async () => {
    const prefix = await save(70);
    await write('model_checkpoint_path: "/nowhere/model.ckpt-71"');
    await expect(latestCheckpoint(dir)).rejects.toMatchObject({
      code: 'checkpoint',
      message: expect.stringMatching(/checkpoint names \/nowhere\/model\.ckpt-71, and .* is not there/),
      hint: expect.stringContaining(prefix),
    });
  });

  test.each([
    '',
    'all_model_checkpoint_paths: "model.ckpt-70"',
    'model_checkpoint_path: 7',
    '\0\u0001\u0002',
  ])('is refused with a checkpoint to name instead: %j', async (text) => {
    const prefix = await save(70);
    await write(text);
    await expect(latestCheckpoint(dir)).rejects.toMatchObject({
      name: 'UserError',
      code: 'checkpoint',
      message: expect.stringContaining(
        `${join(dir, 'checkpoint')} is damaged: it does not hold a line model_checkpoint_path: "model.ckpt-N"`,
      ),
      hint: expect.stringContaining(prefix),
    });
  });
});

describe('an error about a checkpoint names the newest one before it', () => {
  test.each(suffixes.slice(0, 2))('when .%s is missing', async (suffix) => {
    for (const step of [9, 10, 70, 100]) await save(step);
    const prefix = join(dir, 'model.ckpt-70');
    await rename(`${prefix}.${suffix}`, `${prefix}.${suffix}-away`);
    await expect(openCheckpoint(prefix).then((opened) => opened.read('step'))).rejects.toMatchObject({
      message: `${prefix}.${suffix} is not there`,
      hint: expect.stringContaining(`Name ${join(dir, 'model.ckpt-10')} instead`),
    });
  });

  test('and says so when there is none', async () => {
    const prefix = await save(1);
    await writeFile(`${prefix}.index`, 'no index');
    await expect(openCheckpoint(prefix)).rejects.toMatchObject({
      code: 'checkpoint',
      message: expect.stringContaining(`${prefix}.index: the table is damaged`),
      hint: 'Train again from the start, or name another folder.',
    });
  });
});
