import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { RegularFile, UnreadableFile } from '../regular-file.ts';

/** The last bytes of a table. A checkpoint in V1 format is a single table. */
const MAGIC = '57fb808b247547db';
const SHARD = /^-\d{5}-of-\d{5}$/;

/** @throws UserError `checkpoint` if there is a checkpoint in V1 format at a prefix, in one file or several */
export async function refuseV1(prefix: string): Promise<void> {
  if (!(await isTable(prefix)) && !(await hasShards(prefix))) return;
  throw new UserError(
    'checkpoint',
    `${prefix} is a checkpoint in TensorFlow's old format V1, expected V2 with ${basename(prefix)}.index and .data files`,
    'Restore it in TensorFlow and save it with tf.compat.v1.train.Saver(write_version=2).',
  );
}

async function isTable(path: string): Promise<boolean> {
  const file = await RegularFile.open(path).catch((error) => {
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    const end = Buffer.alloc(8);
    // Of a shorter file, zeros stay at the end.
    await file.read(end, Math.max(0, file.size - end.length));
    return end.toString('hex') === MAGIC;
  } finally {
    await file.close();
  }
}

async function hasShards(prefix: string): Promise<boolean> {
  const name = basename(prefix);
  const files = await readdir(dirname(prefix)).catch(() => []);
  return files.some((file) => file.startsWith(name) && SHARD.test(file.slice(name.length)));
}
