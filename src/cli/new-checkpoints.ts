import { setTimeout as sleep } from 'node:timers/promises';
import { latestCheckpoint } from '../checkpoint/index.ts';

/** Milliseconds; timers turn longer ones into none at all. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * The newest checkpoint of a folder, and again whenever there is a newer one, as prefixes.
 *
 * @param onMissing called when the folder holds no checkpoint yet
 * @throws the signal's reason when it is aborted; UserError `checkpoint`
 */
export async function* newCheckpoints(
  dir: string,
  intervalSeconds: number,
  signal: AbortSignal,
  onMissing: () => void,
): AsyncGenerator<string> {
  for (let last: string | undefined; ; ) {
    const newest = await latestCheckpoint(dir);
    if (newest !== undefined && newest !== last) yield newest;
    if (newest === undefined) onMissing();
    last = newest;
    await sleep(Math.min(intervalSeconds * 1000, LONGEST_SLEEP), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
}
