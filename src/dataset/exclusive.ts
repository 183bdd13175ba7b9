import { setTimeout } from 'node:timers/promises';
import { describeHolder, tryLockFolder } from '../lock/index.ts';

export interface WaitOptions {
  /** Called once with a line that says so, if another process has the lock. */
  readonly onWait?: ((line: string) => void) | undefined;
  /** Aborts waiting. */
  readonly signal?: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 200;

/**
 * Calls `act` with the lock of a folder, and returns its result. Waits while another process has the lock.
 *
 * @param dir an existing folder
 * @param name name of the lock file
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
