import { setTimeout } from 'node:timers/promises';
import { describeHolder, tryLockFolder } from '../lock/index.ts';

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
    const attempt = await tryLockFolder(dir, name);
    if (attempt.lock) {
      try {
        return await act();
      } finally {
        attempt.lock.release();
      }
    }
    if (!isWaiting)
      onWait?.(`${describeHolder(attempt.holder)} is putting CIFAR-10 into ${dir}: waiting for it`);
    isWaiting = true;
    await setTimeout(LOOK_EVERY_MS);
  }
}
