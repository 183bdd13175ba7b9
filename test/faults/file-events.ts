import { watch } from 'node:fs';

/** Settles after `count` files of a folder have been made, renamed or deleted, or when something else has happened. */
export async function fileEvents(folder: string, count: number, otherwise: Promise<unknown>): Promise<void> {
  const watcher = watch(folder);
  let seen = 0;
  const enough = new Promise<void>((resolve) => {
    watcher.on('change', (kind) => {
      if (kind === 'rename' && ++seen === count) resolve();
    });
  });
  await Promise.race([enough, otherwise]);
  watcher.close();
}
