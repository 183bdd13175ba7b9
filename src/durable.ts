import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { UserError } from './errors.ts';

/**
 * Writes a file so that `path` never holds a part of it: beside the final name first, synced, then renamed. Replaces
 * what is there.
 *
 * @throws UserError `file` if the file system refuses
 */
export async function writeFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(unfinished, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw refused(`write ${path}`, error);
  }
}

/** Until a folder is synced, a power cut can undo a rename in it. Some platforms cannot sync folders and need not. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Makes a folder and those above it, where they are missing. @throws UserError `file` if the file system refuses */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error) => {
    throw refused(`make the folder ${path}`, error);
  });
}

function refused(action: string, error: unknown): unknown {
  const { errno, code } = error as NodeJS.ErrnoException;
  if (errno === undefined) return error;
  const [, reason] = getSystemErrorMap().get(errno) ?? [code, code];
  return new UserError(
    'file',
    `cannot ${action}: ${reason}`,
    'Choose another folder, or change who may write there or how much.',
    { cause: error },
  );
}
