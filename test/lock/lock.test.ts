import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryLockByRecord } from '../../src/lock/by-record.ts';
import { lockFolder, tryLockFolder } from '../../src/lock/index.ts';
import { tryLockByKernel } from '../../src/lock/kernel.ts';
import { ownProcess } from '../../src/lock/process.ts';

const NAME = '.lock';
const LOCKER = fileURLToPath(new URL('./locker.ts', import.meta.url));

let dir: string;
let path: string;
let children: ChildProcess[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(dir, NAME);
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

/** Starts processes that are ready to take the lock. */
async function lockers(how: 'kernel' | 'record', count: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', LOCKER, how, dir], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const next = async () => (await lines.next()).value as string;
      expect(await next()).toBe('ready');
      return {
        pid: child.pid!,
        lock: async () => {
          child.stdin.write('\n');
          return next();
        },
        kill: async () => {
          child.kill('SIGKILL');
          await once(child, 'exit');
        },
        end: async () => {
          child.stdin.end();
          await once(child, 'exit');
        },
      };
    }),
  );
}

describe.each(['kernel', 'record'] as const)('between processes, by %s', (how) => {
  const tryLock = () => (how === 'kernel' ? tryLockFolder(dir, NAME) : tryLockByRecord(path));

  test('one of ten has the lock at once, one after it was killed, and nothing stays after the end', async () => {
    const all = await lockers(how, 10);
    const takenBy = async (candidates: typeof all) => {
      const answers = await Promise.all(candidates.map(({ lock }) => lock()));
      expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
      return candidates[answers.indexOf('held')]!;
    };
    const owner = await takenBy(all);
    expect((await tryLock()) as unknown).toMatchObject({ holder: { pid: owner.pid, host: hostname() } });
    await owner.kill();
    expect(await readdir(dir)).toEqual([NAME]);
    const heir = await takenBy(all.filter((other) => other !== owner));
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: heir.pid });
    expect(await readdir(dir)).toEqual([NAME]);
    await heir.end();
    expect(await readdir(dir)).toEqual([]);
    (await tryLock()).lock!.release();
  });
});

test('within one process it excludes, too, and says by whom it is held', async () => {
  const lock = await lockFolder(dir, NAME);
  expect(lock.isWeak).toBe(false);
  await expect(lockFolder(dir, NAME)).rejects.toMatchObject({
    code: 'file',
    message: expect.stringMatching(
      new RegExp(`^${dir} is in use by process ${process.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\dT`),
    ),
    hint: 'Wait until that process ends, or choose another folder.',
  });
  lock.release();
  lock.release();
  (await lockFolder(dir, NAME)).release();
});

test('a file that its last owner deletes while it is being locked is not taken for the lock', async () => {
  let calls = 0;
  const native = {
    tryLock() {
      if (calls++ === 0) rmSync(path);
      return true;
    },
  };
  const { lock } = (await tryLockByKernel(path, native))!;
  expect(calls).toBe(2);
  expect(lock!.isHeld()).toBe(true);
  lock!.release();
});

test('a lock file that was deleted or replaced is no longer held, and another one is not deleted', async () => {
  for (const tryLock of [() => tryLockFolder(dir, NAME), () => tryLockByRecord(path)]) {
    const first = (await tryLock()).lock!;
    expect(first.isHeld()).toBe(true);
    await rename(path, `${path}-away`);
    expect(first.isHeld()).toBe(false);
    const second = (await tryLock()).lock!;
    first.release();
    expect(second.isHeld()).toBe(true);
    second.release();
    await rm(`${path}-away`);
  }
});

describe('where the kernel does not lock', () => {
  const noLocks = {
    tryLock() {
      throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' });
    },
  };
  const write = async (record: object) => writeFile(path, JSON.stringify({ id: 'x', ...record }));
  const mine = async () => ({ host: hostname(), pid: process.pid, ...(await ownProcess()), kernel: false });

  test('trying it leaves nothing, so that the record serves', async () => {
    expect(await tryLockByKernel(path, noLocks)).toBeUndefined();
    expect(await readdir(dir)).toEqual([]);
    const { lock } = await tryLockByRecord(path);
    expect(lock!.isWeak).toBe(true);
    expect(await tryLockByKernel(path, noLocks)).toBeUndefined();
    expect(await readdir(dir)).toEqual([NAME]);
  });

  test('a record of a living process excludes, also those whom the kernel gives a lock', async () => {
    await write(await mine());
    expect(await tryLockByRecord(path)).toMatchObject({ holder: { pid: process.pid } });
    expect(await tryLockFolder(dir, NAME)).toMatchObject({ holder: { pid: process.pid } });
  });

  test('a process that has the id of the owner by chance does not', async () => {
    const record = await mine();
    expect(record.processStart).toBeDefined();
    await write({ ...record, processStart: 'another time' });
    const { lock } = await tryLockByRecord(path);
    expect(lock).toBeDefined();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ processStart: record.processStart });
    lock!.release();
    expect(await readdir(dir)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('nor does one from before the machine was started', async () => {
    await write({ ...(await mine()), boot: 'another boot' });
    expect((await tryLockByRecord(path)).lock).toBeDefined();
  });

  test('of those who would take over from a dead owner the first one has the lock, and its own heirs after it', async () => {
    const record = await mine();
    const dead = { ...record, processStart: 'another time' };
    await write(dead);
    await writeFile(`${path}.x`, JSON.stringify({ ...record, id: 'y' }));
    expect(await tryLockByRecord(path)).toMatchObject({ holder: { id: 'y' } });
    await writeFile(`${path}.x`, JSON.stringify({ ...dead, id: 'y' }));
    const { lock } = await tryLockByRecord(path);
    expect(await readdir(dir)).toEqual([NAME]);
    expect(lock!.isHeld()).toBe(true);
  });

  test('what processes that were killed had not finished writing is deleted by the next owner, and nothing else', async () => {
    for (const name of [`${NAME}.x.tmp`, `${NAME}.x.y.tmp`, 'notes.tmp'])
      await writeFile(join(dir, name), '');
    const { lock } = await tryLockByRecord(path);
    expect((await readdir(dir)).toSorted()).toEqual([NAME, 'notes.tmp']);
    lock!.release();
  });

  test('a record of another host excludes until it is deleted, as does a file without one', async () => {
    await write({ ...(await mine()), host: 'elsewhere', startedAt: '2026-01-01T00:00:00.000Z' });
    expect(await tryLockByRecord(path)).toMatchObject({ holder: { host: 'elsewhere' } });
    await expect(lockFolder(dir, NAME)).rejects.toMatchObject({
      message: `${dir} is in use by process ${process.pid} on elsewhere, since 2026-01-01T00:00:00.000Z`,
      hint: expect.stringContaining(`delete ${path}`),
    });
    await writeFile(path, '');
    expect(await tryLockByRecord(path)).toEqual({ holder: undefined });
  });

  test('what another host wrote beside a lock of its kernel counts for nothing once the kernel gives it', async () => {
    await write({ ...(await mine()), host: 'elsewhere', kernel: true });
    const { lock } = await tryLockFolder(dir, NAME);
    expect(lock).toBeDefined();
    lock!.release();
  });
});

test('what the file system refuses is an error in one line', async () => {
  await mkdir(path);
  const refused = { code: 'file', message: expect.stringContaining(`cannot lock ${dir}: `) };
  await expect(lockFolder(dir, NAME)).rejects.toMatchObject(refused);
  await expect(lockFolder(join(dir, 'missing'), NAME)).rejects.toMatchObject({ code: 'file' });
});
