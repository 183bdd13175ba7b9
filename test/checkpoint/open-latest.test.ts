import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_AGAIN_MS } from '../../src/checkpoint/find.ts';
import { type HeldCheckpoint, openExisting, openLatest, saveCheckpoint } from '../../src/checkpoint/index.ts';
import { metaGraph } from '../../src/graph/index.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';

/** What happens once a checkpoint has been found and before it is opened. */
let afterFinding: ((prefix: string) => Promise<unknown>) | undefined;
vi.mock('../../src/checkpoint/find.ts', async (original) => {
  const find = await original<typeof import('../../src/checkpoint/find.ts')>();
  return {
    ...find,
    latestCheckpoint: async (dirOrPrefix: string) => {
      const prefix = await find.latestCheckpoint(dirOrPrefix);
      if (prefix !== undefined) await afterFinding?.(prefix);
      return prefix;
    },
  };
});

/** What happens once the index has been read and before the other files are opened. */
let afterReadingIndex: (() => Promise<unknown>) | undefined;
vi.mock('../../src/checkpoint/bundle.ts', async (original) => {
  const bundle = await original<typeof import('../../src/checkpoint/bundle.ts')>();
  return {
    ...bundle,
    readBundle: async (...args: Parameters<typeof bundle.readBundle>) => {
      const read = await bundle.readBundle(...args);
      const act = afterReadingIndex;
      afterReadingIndex = undefined;
      await act?.();
      return read;
    },
  };
});

/** The milliseconds of each pause so far. */
const pauses: (number | undefined)[] = [];
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  return {
    ...timers,
    setTimeout: (milliseconds?: number) => {
      pauses.push(milliseconds);
      return timers.setTimeout(milliseconds);
    },
  };
});

const META_GRAPH = metaGraph(CIFAR10_NETWORK, { pruningName: 'pruning', keep: 1 });
const VALUES = 1000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'open-latest-'));
  afterFinding = undefined;
  afterReadingIndex = undefined;
  pauses.length = 0;
});
afterEach(() => rm(dir, { recursive: true }));

/** A checkpoint whose every value is `value`; of those before none is left. */
const save = (step: number, value = step) => {
  const tensor = () => ({
    dtype: 'float32' as const,
    shape: [VALUES],
    data: new Float32Array(VALUES).fill(value),
  });
  const variables = new Map(['a', 'b', 'c'].map((name) => [name, tensor()]));
  return saveCheckpoint({ dir, step, variables, metaGraph: META_GRAPH, keep: 1 });
};

const remove = async (prefix: string) => {
  const files = (await readdir(dirname(prefix))).filter((file) => file.startsWith(basename(prefix)));
  await Promise.all(files.map((file) => rm(join(dirname(prefix), file))));
};

/** All values, which must be the same; then closes it. */
const valueIn = async (checkpoint: HeldCheckpoint) => {
  try {
    const values = new Set<number>();
    for (const name of checkpoint.names)
      for (const value of (await checkpoint.read(name)).data) values.add(Number(value));
    expect((await checkpoint.metaGraph()).graphDef?.node.length).toBeGreaterThan(0);
    expect(values.size).toBe(1);
    return [...values][0]!;
  } finally {
    await checkpoint.close();
  }
};

const openFiles = async () => (await readdir('/proc/self/fd')).length;

describe('the newest checkpoint, opened', () => {
  it('is read to its end after it has been deleted', async () => {
    await save(1);
    const checkpoint = await openExisting(dir);
    const parts = ['index', 'data-00000-of-00001', 'meta'].map((part) => join(dir, `model.ckpt-1.${part}`));
    const files = parts.map(async (path) => ({ path, bytes: (await stat(path)).size }));
    expect(checkpoint.files).toEqual(await Promise.all(files));
    await save(2);
    expect((await readdir(dir)).filter((file) => file.startsWith('model.ckpt-1'))).toEqual([]);
    expect(checkpoint).toMatchObject({ prefix: join(dir, 'model.ckpt-1'), step: 1 });
    expect(await valueIn(checkpoint)).toBe(1);
  });

  it('is the next one where it was deleted before it could be opened', async () => {
    await save(1);
    const found: string[] = [];
    afterFinding = async (prefix) => {
      found.push(basename(prefix));
      if (found.length < 5) await save(found.length + 1);
    };
    expect(await valueIn(await openExisting(dir))).toBe(5);
    expect(found).toEqual(['model.ckpt-1', 'model.ckpt-2', 'model.ckpt-3', 'model.ckpt-4', 'model.ckpt-5']);
    expect(pauses).toEqual([]);
  });

  it('is the highest where no file names one, however often that goes', async () => {
    await save(1);
    await save(3);
    await rm(join(dir, 'checkpoint'));
    afterFinding = async (prefix) => {
      afterFinding = undefined;
      await remove(prefix);
      await save(2);
      await rm(join(dir, 'checkpoint'));
    };
    expect(await valueIn(await openExisting(dir))).toBe(2);
  });

  it('is whole where a run starts over while it is opened', async () => {
    const prefix = await save(1);
    await rm(`${prefix}.data-00000-of-00001`);
    let looks = 0;
    afterFinding = async () => (looks++ === 1 ? save(1, 7) : undefined);
    expect(await valueIn(await openExisting(dir))).toBe(7);
  });

  it('is whole where it is written anew once its index has been read', async () => {
    await save(1);
    afterReadingIndex = () => save(1, 7);
    expect(await valueIn(await openExisting(dir))).toBe(7);
  });

  it('is none where a run that starts over deletes it once its index has been read', async () => {
    const prefix = await save(1);
    afterReadingIndex = async () => {
      for (const path of [join(dir, 'checkpoint'), `${prefix}.index`]) await rm(path);
    };
    expect(await openLatest(dir)).toBeUndefined();
  });

  it('is none where the folder is deleted or does not exist', async () => {
    await save(1);
    afterFinding = async () => {
      afterFinding = undefined;
      await rm(dir, { recursive: true });
    };
    expect(await openLatest(dir)).toBeUndefined();
    await expect(openExisting(dir)).rejects.toThrow('holds no checkpoint');
    await save(2);
  });

  it('lacks only what its files lack at the third look, after a pause', async () => {
    const prefix = await save(1);
    await rm(`${prefix}.meta`);
    let looks = 0;
    afterFinding = async () => {
      looks += 1;
    };
    const checkpoint = await openExisting(dir);
    expect(looks).toBe(3);
    expect(pauses).toEqual([LOOK_AGAIN_MS]);
    expect((await checkpoint.read('a')).data[0]).toBe(1);
    await expect(checkpoint.metaGraph()).rejects.toThrow(`${prefix}.meta is not there`);
    await checkpoint.close();
  });

  it('tells one of the same name that was written anew, and only that', async () => {
    const versions = new Set<string>();
    const note = async () => {
      const checkpoint = await openExisting(dir);
      versions.add(checkpoint.version);
      await checkpoint.close();
    };
    await save(1);
    await note();
    await note();
    expect(versions.size).toBe(1);
    await save(1, 2);
    await note();
    expect(versions.size).toBe(2);
    await save(2);
    await note();
    expect(versions.size).toBe(3);
  });

  it('is refused if it is one that is not there, a moment later either', async () => {
    const prefix = await save(1);
    await remove(prefix);
    await expect(openLatest(dir)).rejects.toMatchObject({
      code: 'checkpoint',
      message: `${join(dir, 'checkpoint')} names ${prefix}, and ${prefix}.index is not there`,
    });
  });

  it('says so where a run is always faster', async () => {
    await save(1);
    let step = 1;
    afterFinding = () => save(++step);
    await expect(openLatest(dir)).rejects.toMatchObject({
      code: 'checkpoint',
      message: `the checkpoints of ${dir} were deleted 100 times before they could be opened`,
      hint: 'Keep more of them, with --keep_checkpoint_max, or save them less often.',
    });
    expect(step).toBe(1 + 100);
  });

  it.runIf(process.platform === 'linux')('leaves no file open, whatever happens', async () => {
    const prefix = await save(1);
    await (await openExisting(dir)).close();
    const before = await openFiles();
    await valueIn(await openExisting(dir));
    const index = await readFile(`${prefix}.index`);
    await writeFile(`${prefix}.index`, index.subarray(0, 10));
    await expect(openLatest(dir)).rejects.toThrow('damaged');
    await writeFile(`${prefix}.index`, index);
    let looks = 0;
    afterFinding = async () => (looks++ === 0 ? save(2) : undefined);
    await valueIn(await openExisting(dir));
    expect(await openFiles()).toBe(before);
  });

  it('is read beside a run that keeps one checkpoint', async () => {
    await save(0);
    let isOver = false;
    const writing = (async () => {
      for (let step = 1; step <= 50; step++) await save(step);
      isOver = true;
    })();
    let last = 0;
    for (let reads = 0; !isOver; reads++) {
      const checkpoint = await openExisting(dir);
      // Sometimes the run is far ahead by the time values are read.
      if (reads % 4 === 0) await pause(reads % 10);
      const value = await valueIn(checkpoint);
      expect(checkpoint.step).toBe(value);
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
    await writing;
    expect(await valueIn(await openExisting(dir))).toBe(50);
  });
});
