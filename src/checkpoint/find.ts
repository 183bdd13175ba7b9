import { readdir } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { UserError } from '../errors.ts';
import { indexPath, isFile, statePath, stepOfPrefix } from './files.ts';
import { readState } from './state.ts';

/**
 * The newest checkpoint of a folder, or the checkpoint that a prefix such as `DIR/model.ckpt-70` names. Without a file
 * `checkpoint` the newest is the one of the highest step.
 *
 * @returns its prefix; undefined if there is none
 * @throws UserError `checkpoint` if the path is a file or the file `checkpoint` is damaged
 */
export async function latestCheckpoint(dirOrPrefix: string): Promise<string | undefined> {
  if (await isFile(indexPath(dirOrPrefix))) return dirOrPrefix;
  if (await isFile(dirOrPrefix))
    throw new UserError(
      'checkpoint',
      `${dirOrPrefix} is a file, expected a folder of checkpoints`,
      'Give the folder that train wrote to.',
    );
  const kept = await readState(dirOrPrefix);
  if (!kept) return highestStep(dirOrPrefix);
  if (await isFile(indexPath(kept.latest))) return kept.latest;
  // Of a path of whichever system the folder comes from.
  const moved = join(dirOrPrefix, win32.basename(kept.latest));
  if (await isFile(indexPath(moved))) return moved;
  const there = await highestStep(dirOrPrefix);
  throw new UserError(
    'checkpoint',
    `${statePath(dirOrPrefix)} names ${kept.latest}, and ${indexPath(kept.latest)} is not there`,
    there ? `Name ${there}, which is, or mend the file.` : 'Name another folder.',
  );
}

/** As {@link latestCheckpoint}. @throws UserError `checkpoint` also if there is none */
export async function existingCheckpoint(dirOrPrefix: string): Promise<string> {
  const prefix = await latestCheckpoint(dirOrPrefix);
  if (prefix !== undefined) return prefix;
  throw new UserError(
    'checkpoint',
    `${dirOrPrefix} holds no checkpoint, expected a file named checkpoint and model.ckpt-N files`,
    'Train first: cifar10-prune train --train_dir=DIR, or name another folder.',
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
