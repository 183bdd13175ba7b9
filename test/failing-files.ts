import type * as promises from 'node:fs/promises';

/**
 * Makes the file system fail, for tests that mock it:
 *
 *     vi.mock('node:fs/promises', async (original) => failing(await original()));
 */
export const failure = {
  /** How many more changes succeed. */
  changesLeft: Number.POSITIVE_INFINITY,
  /** Whether nothing at all works from the first failure on, as if the process had been killed. */
  kills: true,
  /** Changes so far. */
  changes: [] as string[],
  reset(): void {
    Object.assign(failure, { changesLeft: Number.POSITIVE_INFINITY, kills: true, changes: [] });
  },
};

class Killed extends Error {}

function isDead(): boolean {
  return failure.kills && failure.changesLeft < 0;
}

/** @returns an error if this change fails */
function count(change: string): Error | undefined {
  if (isDead()) return new Killed();
  failure.changes.push(change);
  failure.changesLeft--;
  if (failure.changesLeft >= 0) return undefined;
  return failure.kills
    ? new Killed()
    : Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', errno: -28 });
}

/** Only a power cut could tell, and tests need not wait for the disk. */
const unsynced = async () => {};

export function failing(original: typeof promises): typeof promises {
  const change =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      const error = count(
        `${name} ${String(args[0])
          .replace(/^.*\//, '')
          .replace(/\.\d+\.tmp$/, '.tmp')}`,
      );
      if (error) throw error;
      return call(...args);
    };
  const look =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (isDead()) throw new Killed();
      return call(...args);
    };
  const open = async (...args: Parameters<typeof promises.open>) => {
    if (args[1] === undefined || args[1] === 'r')
      return Object.assign(await look(original.open)(...args), { sync: unsynced });
    const handle = await change('open', original.open)(...args);
    const writeFile = handle.writeFile.bind(handle);
    handle.writeFile = async (data) => {
      const error = count('write');
      if (!error) return writeFile(data);
      // What a full disk or a kill in the middle leaves.
      await writeFile((data as Uint8Array).subarray(0, (data as Uint8Array).length / 2));
      throw error;
    };
    handle.sync = change('sync', unsynced);
    return handle;
  };
  return {
    ...original,
    open: open as typeof promises.open,
    rename: change('rename', original.rename),
    // There is always room to delete.
    rm: (...args) => (failure.kills ? change('rm', original.rm) : original.rm)(...args),
    mkdir: original.mkdir,
    readdir: look(original.readdir as never) as never,
    readFile: look(original.readFile as never) as never,
  };
}
