import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import {
  latestCheckpoint,
  openCheckpoint,
  readState,
  removeLeftovers,
  saveCheckpoint,
  stepOfPrefix,
} from '../../src/checkpoint/index.ts';
import { MetaGraphDefSchema } from '../../src/wire/protos.ts';
import { float32Scalar } from '../../src/wire/tensor.ts';
import { failure } from '../failing-files.ts';

vi.mock('node:fs/promises', async (original) => {
  const { failing } = await import('../failing-files.ts');
  return failing(await original());
});

const metaGraph = create(MetaGraphDefSchema, { graphDef: { node: [{ name: 'step', op: 'VariableV2' }] } });
const KEEP = 2;
const LAST = 3;

const folders: string[] = [];
beforeEach(() => failure.reset());
afterAll(async () => {
  failure.reset();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

async function newFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'killed-'));
  folders.push(dir);
  return dir;
}

/** The saves of a run up to step `last`, from where the folder's checkpoint is. */
async function run(dir: string, last = LAST): Promise<void> {
  const latest = await latestCheckpoint(dir);
  await removeLeftovers(dir, {});
  for (let step = latest === undefined ? 0 : stepOfPrefix(latest)! + 1; step <= last; step++) {
    const variables = new Map([['step', float32Scalar(step)]]);
    await saveCheckpoint({ dir, step, variables, metaGraph, keep: KEEP });
  }
}

async function contentOf(dir: string): Promise<Record<string, string>> {
  const files = (await readdir(dir)).sort();
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(join(dir, file), 'hex')] as const)),
  );
}

/** Every file but `checkpoint` is one of a checkpoint that it lists, and each of those is whole. */
async function expectOnlyListed(dir: string, at: string): Promise<void> {
  const all = (await readState(dir))?.all ?? [];
  for (const prefix of all) await (await openCheckpoint(prefix)).read('step');
  const others = (await readdir(dir)).filter((file) => file !== 'checkpoint');
  expect(
    others.filter((file) => !all.includes(join(dir, file.replace(/\.(index|meta|data-.*)$/, '')))),
    at,
  ).toEqual([]);
  expect(others.length, at).toBe(3 * all.length);
}

/** The run killed at its change of that number. */
async function killedRun(dir: string, changes: number): Promise<void> {
  failure.changesLeft = changes;
  await expect(run(dir)).rejects.toThrow();
  failure.reset();
}

test('a run killed at any change of the file system loses no checkpoint, and continued it is the uninterrupted one', async () => {
  const whole = await newFolder();
  await run(whole);
  const changes = [...failure.changes];
  expect(changes.length).toBeGreaterThan(60);
  const expected = await contentOf(whole);
  for (let done = 0; done < changes.length; done++) {
    const dir = await newFolder();
    await killedRun(dir, done);
    const at = `killed at change ${done}, ${changes[done]}`;
    const state = await readState(dir);
    // Whatever `checkpoint` names as the latest is whole.
    if (state) expect((await (await openCheckpoint(state.latest)).read('step')).data, at).toBeDefined();
    const tidied = await newFolder();
    await cp(dir, tidied, { recursive: true });
    await removeLeftovers(tidied, {});
    await expectOnlyListed(tidied, at);
    // The last save may have been complete but for its deletions, which the next save makes up for.
    await run(dir, LAST + 1);
    const longer = await contentOf(dir);
    expect(Object.keys(longer), at).toEqual(
      Object.keys(expected).map((file) => file.replace(/-(\d+)\./, (_, step) => `-${Number(step) + 1}.`)),
    );
    for (const file of Object.keys(longer).filter((name) => name.startsWith(`model.ckpt-${LAST}.`)))
      expect(longer[file], `${file}, ${at}`).toBe(expected[file]);
  }
});

test('and killed again while it is tidied', async () => {
  const half = await newFolder();
  await killedRun(half, 50);
  const tidied = await newFolder();
  await cp(half, tidied, { recursive: true });
  failure.reset();
  await removeLeftovers(tidied, {});
  const changes = [...failure.changes];
  const expected = await contentOf(tidied);
  for (let done = 0; done < changes.length; done++) {
    const dir = await newFolder();
    await cp(half, dir, { recursive: true });
    failure.reset();
    failure.changesLeft = done;
    await expect(removeLeftovers(dir, {})).rejects.toThrow();
    failure.reset();
    await removeLeftovers(dir, {});
    expect(await contentOf(dir)).toEqual(expected);
  }
});

test('a step saved again after the user went back never mixes two checkpoints', async () => {
  const start = await newFolder();
  await run(start, 2);
  const goBack = 'model_checkpoint_path: "model.ckpt-1"\nall_model_checkpoint_paths: "model.ckpt-1"\n';
  await writeFile(join(start, 'checkpoint'), goBack);
  const saveOther = async (dir: string) =>
    saveCheckpoint({ dir, step: 2, variables: new Map([['other', float32Scalar(7)]]), metaGraph, keep: 5 });
  const dry = await newFolder();
  await cp(start, dry, { recursive: true });
  failure.reset();
  await saveOther(dry);
  const changes = [...failure.changes];
  for (let done = 0; done < changes.length; done++) {
    const dir = await newFolder();
    await cp(start, dir, { recursive: true });
    failure.reset();
    failure.changesLeft = done;
    await expect(saveOther(dir)).rejects.toThrow();
    failure.reset();
    for (const file of (await readdir(dir)).filter((name) => name.endsWith('.index'))) {
      const checkpoint = await openCheckpoint(join(dir, file.replace('.index', '')));
      for (const name of checkpoint.names) await checkpoint.read(name);
    }
  }
});

const saveStep = (dir: string, step: number) =>
  saveCheckpoint({ dir, step, variables: new Map([['step', float32Scalar(step)]]), metaGraph, keep: KEEP });

/** A folder with a checkpoint of step 1, and what changes when step `next` is saved in it. */
async function savedOnce(next: number): Promise<{ start: string; changes: string[] }> {
  const [start, dry] = [await newFolder(), await newFolder()];
  await saveStep(start, 1);
  await cp(start, dry, { recursive: true });
  failure.reset();
  await saveStep(dry, next);
  return { start, changes: [...failure.changes] };
}

/** A copy of the folder in which that save fails at its change of that number, killed or for want of room. */
async function failedSave(start: string, next: number, changes: number, kills: boolean): Promise<string> {
  const dir = await newFolder();
  await cp(start, dir, { recursive: true });
  Object.assign(failure, { kills, changesLeft: changes });
  await expect(saveStep(dir, next)).rejects.toThrow(kills ? '' : 'no space left on device');
  failure.reset();
  return dir;
}

test('the latest saved again can be read at any change', async () => {
  const { start, changes } = await savedOnce(1);
  expect(changes.filter((change) => change.startsWith('rename '))).toEqual(
    ['model.ckpt-1.data-00000-of-00001', 'model.ckpt-1.meta', 'model.ckpt-1.index', 'checkpoint'].map(
      (file) => `rename ${file}.tmp`,
    ),
  );
  for (let done = 0; done < changes.length; done++)
    for (const kills of [true, false]) {
      const dir = await failedSave(start, 1, done, kills);
      const at = `${kills ? 'killed' : 'full'} at change ${done}, ${changes[done]}`;
      const prefix = join(dir, 'model.ckpt-1');
      expect(await latestCheckpoint(dir), at).toBe(prefix);
      expect((await (await openCheckpoint(prefix)).read('step')).data[0], at).toBe(1);
    }
});

test('of a checkpoint that the disk has no room for, nothing is left', async () => {
  const { start, changes } = await savedOnce(2);
  const before = (await readdir(start)).sort();
  const last = changes.indexOf('rename model.ckpt-2.index.tmp');
  expect(last).toBeGreaterThan(12);
  for (let done = 0; done <= last; done++) {
    const dir = await failedSave(start, 2, done, false);
    const at = `full at change ${done}, ${changes[done]}`;
    expect((await readdir(dir)).sort(), at).toEqual(before);
    expect(await latestCheckpoint(dir), at).toBe(join(dir, 'model.ckpt-1'));
  }
});

test("what others write stays: their unfinished files, the user's copies and another program's checkpoint", async () => {
  const dir = await newFolder();
  await run(dir, 3);
  const theirs = [
    'frozen.pb.17.tmp',
    'model.ckpt-0.index.bak',
    'model.ckpt-7.data-00000-of-00001.tmp',
    'model.ckpt-9.data-00000-of-00001',
    'checkpoint.tmp',
    'notes.17.tmp',
  ];
  for (const file of theirs) await writeFile(join(dir, file), 'keep');
  const before = await readdir(dir);
  const ours = ['checkpoint.17.tmp', 'graph.pbtxt.17.tmp', 'run.json.17.tmp', 'model.ckpt-4.meta.17.tmp'];
  for (const file of ours) await writeFile(join(dir, file), 'half');
  await removeLeftovers(dir, { others: ['run.json'] });
  expect(await readdir(dir)).toEqual(before);

  await rm(join(dir, 'model.ckpt-2.index'));
  await removeLeftovers(dir, { keptUpTo: 2 });
  expect(await readdir(dir)).toContain('model.ckpt-2.meta');
  await removeLeftovers(dir, {});
  expect(await readdir(dir)).not.toContain('model.ckpt-2.meta');
  expect((await readState(dir))?.all).toEqual([join(dir, 'model.ckpt-3')]);
});
