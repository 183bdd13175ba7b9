import { open, readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { isFile } from './files.ts';

/** The last bytes of a table, which a checkpoint of the format V1 is as a whole. */
const MAGIC = '57fb808b247547db';
const SHARD = /^-\d{5}-of-\d{5}$/;

/** @throws UserError `checkpoint` if there is a checkpoint of the format V1 at a prefix, in one file or several */
export async function refuseV1(prefix: string): Promise<void> {
  if (!(await isTable(prefix)) && !(await hasShards(prefix))) return;
  throw new UserError(
    'checkpoint',
    `${prefix} is a checkpoint in TensorFlow's old format V1, expected V2 with ${basename(prefix)}.index and .data files`,
    'Restore it in TensorFlow and save it with tf.compat.v1.train.Saver(write_version=2).',
  );
}

async function isTable(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, Math.max(0, size - 8));
    return bytesRead === 8 && buffer.toString('hex') === MAGIC;
  } finally {
    await file.close();
  }
}

async function hasShards(prefix: string): Promise<boolean> {
  const name = basename(prefix);
  const files = await readdir(dirname(prefix)).catch(() => []);
  return files.some((file) => file.startsWith(name) && SHARD.test(file.slice(name.length)));
}
