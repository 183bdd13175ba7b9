import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file so that `path` never holds a part of it: beside the final name first, synced, then renamed. Replaces
 * what is there.
 */
export async function writeFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(unfinished, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
