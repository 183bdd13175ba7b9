import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folderSize } from '../../src/inspect/model-files.ts';

/** A file that is listed and deleted before anything else is asked of it, as a run's temporary files are. */
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const readdir = async (folder: string, options: { withFileTypes: true; recursive: true }) => {
    const gone = join(folder, 'gone.tmp');
    await fs.writeFile(gone, '');
    const entries = await fs.readdir(folder, options);
    await fs.rm(gone);
    return entries;
  };
  return { ...fs, readdir };
});

test('a file that vanishes while a folder is measured is left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'model-files-'));
  await writeFile(join(folder, 'kept'), 'four');
  expect(await folderSize(folder)).toEqual({ path: folder, files: 1, bytes: 4 });
  await rm(folder, { recursive: true });
});
