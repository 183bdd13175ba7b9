import { setTimeout as sleep } from 'node:timers/promises';
import { type HeldCheckpoint, MissingCheckpoint, openLatest } from '../checkpoint/index.ts';

/** Milliseconds; Node's timers fire at once on longer delays. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * Yields the newest checkpoint of a folder, opened, and then each one that replaces it: a newer one, or one rewritten under the
 * same name. Each is closed when the caller asks for the next.
 *
 * @param onMissing called with what is wrong when the folder holds no checkpoint yet, or names one that is not there
 * @throws the signal's reason when it is aborted; UserError `checkpoint` if files are damaged
 */
export async function* newCheckpoints(
  dir: string,
  intervalSeconds: number,
  signal: AbortSignal,
  onMissing: (problem: string) => void,
): AsyncGenerator<HeldCheckpoint> {
  for (let last: string | undefined; ; ) {
    const newest = await openLatest(dir).catch((error) => {
      if (!(error instanceof MissingCheckpoint)) throw error;
      return error;
    });
    if (newest === undefined) onMissing(`${dir} holds no checkpoint yet`);
    else if (newest instanceof MissingCheckpoint) onMissing(newest.message);
    else
      try {
        if (newest.version !== last) yield newest;
        last = newest.version;
      } finally {
        await newest.close();
      }
    await sleep(Math.min(intervalSeconds * 1000, LONGEST_SLEEP), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
}
