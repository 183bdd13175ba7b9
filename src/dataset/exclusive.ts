import { setTimeout } from 'node:timers/promises';
import { tryLockFolder } from '../lock/index.ts';

export interface WaitOptions {
  /** Called once where another process has to be waited for, with a line that says so. */
  readonly onWait?: ((line: string) => void) | undefined;
  /** Stops waiting. */
  readonly signal?: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 200;

/**
 * What `act` returns; of several processes that do this with one lock file of a folder, one at a time acts.
 *
 * @param dir must be there
 * @param name of the lock file
 * @throws the signal's reason, what `act` throws, or UserError `file` if the file system refuses
 */
export async function exclusively<Result>(
  dir: string,
  name: string,
  { onWait, signal }: WaitOptions,
  act: () => Promise<Result>,
): Promise<Result> {
  let isWaiting = false;
  for (;;) {
    signal?.throwIfAborted();
    const { lock, ...attempt } = await tryLockFolder(dir, name);
    if (lock) {
      try {
        return await act();
      } finally {
        lock.release();
      }
    }
    if (!isWaiting) onWait?.(waiting(dir, 'holder' in attempt ? attempt.holder : undefined));
    isWaiting = true;
    await setTimeout(LOOK_EVERY_MS);
  }
}

function waiting(dir: string, holder: { readonly pid: number; readonly host: string } | undefined): string {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return `${who} is putting CIFAR-10 into ${dir}: waiting for it`;
}
