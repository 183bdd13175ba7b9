import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BATCH_FOLDER, syntheticRecords, writeBatchFiles } from '../../src/dataset/index.ts';

/** Writes a few pictures in CIFAR-10's layout, and returns the folder to name with --data_dir. */
export async function writeData(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cli-data-'));
  const splits = { train: syntheticRecords('train', 60), test: syntheticRecords('test', 60) };
  await writeBatchFiles(join(dir, BATCH_FOLDER), splits);
  return dir;
}
