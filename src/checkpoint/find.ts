import { readdir } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { UnreadableCheckpoint } from './damage.ts';
import { indexPath, isFile, statePath, stepOfPrefix } from './files.ts';
import { type KeptCheckpoints, readState } from './state.ts';
import { refuseV1 } from './v1.ts';

/** The pause before looking again for missing files: a run that starts over deletes files one after another. */
export const LOOK_AGAIN_MS = 50;

/** The file `checkpoint` names a checkpoint that does not exist. */
export class MissingCheckpoint extends UnreadableCheckpoint {}

/**
 * Finds the newest checkpoint of a folder, or the checkpoint that a prefix such as `DIR/model.ckpt-70` names. Without a file
 * `checkpoint` the newest is the one of the highest step. A running training may delete the checkpoint at any time.
 *
 * @returns the checkpoint's prefix; undefined if there is none
 * @throws UserError `checkpoint` if the path is a file or the file `checkpoint` is damaged, `MissingCheckpoint` if that file names a
 *   checkpoint that does not exist, twice within a moment
 */
export async function latestCheckpoint(dirOrPrefix: string): Promise<string | undefined> {
  if (await isFile(indexPath(dirOrPrefix))) return dirOrPrefix;
  await refuseV1(dirOrPrefix);
  if (await isFile(dirOrPrefix))
    throw new UserError(
      'checkpoint',
      `${dirOrPrefix} is a file, expected a folder of checkpoints`,
      'Give the folder that train wrote to.',
    );
  for (let before: string | undefined; ; ) {
    const kept = await readState(dirOrPrefix);
    if (!kept) return highestStep(dirOrPrefix);
    const found = await placeOf(dirOrPrefix, kept);
    if (found !== undefined) return found;
    if (kept.latest === before) throw await missing(dirOrPrefix, kept);
    before = kept.latest;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** As {@link latestCheckpoint}. @throws UserError `checkpoint` also if there is none */
export async function existingCheckpoint(dirOrPrefix: string): Promise<string> {
  const prefix = await latestCheckpoint(dirOrPrefix);
  if (prefix !== undefined) return prefix;
  throw noCheckpoint(dirOrPrefix);
}

export function noCheckpoint(dirOrPrefix: string): UserError {
  return new UserError(
    'checkpoint',
    `${dirOrPrefix} holds no checkpoint, expected a file named checkpoint and model.ckpt-N files`,
    'Train first: cifar10-prune train --train_dir=DIR, or name another folder.',
  );
}

/** The prefix of the checkpoint that the file names, if it exists there or, since the folder may have been moved, in this folder. */
async function placeOf(dir: string, { latest }: KeptCheckpoints): Promise<string | undefined> {
  if (await isFile(indexPath(latest))) return latest;
  // `win32` splits paths of Windows and of other systems alike.
  const moved = join(dir, win32.basename(latest));
  if (await isFile(indexPath(moved))) return moved;
  await refuseV1(latest);
  await refuseV1(moved);
  return undefined;
}

async function missing(dir: string, { latest }: KeptCheckpoints): Promise<MissingCheckpoint> {
  const there = await highestStep(dir);
  return new MissingCheckpoint(
    `${statePath(dir)} names ${latest}, and ${indexPath(latest)} is not there`,
    there ? `Name ${there} instead, or correct the file.` : 'Name another folder.',
    there,
  );
}

async function highestStep(dir: string): Promise<string | undefined> {
  const files = await readdir(dir).catch(() => []);
  const prefixes = files.flatMap((file) => {
    const prefix = /^(model\.ckpt-\d+)\.index$/.exec(file)?.[1];
    return prefix ? [join(dir, prefix)] : [];
  });
  return prefixes.toSorted((a, b) => stepOfPrefix(a)! - stepOfPrefix(b)!).at(-1);
}
