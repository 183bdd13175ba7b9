import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { fromText, toText } from '@bufbuild/protobuf/txtpb';
import { writeFileDurably } from '../durable.ts';
import { readTextIfThere } from '../regular-file.ts';
import { CheckpointStateSchema } from '../wire/protos.ts';
import { damaged, decodingFile, hintingAtOlder, readingFile } from './damage.ts';
import { statePath } from './files.ts';

/** Enough for a line about each of some hundred thousand checkpoints. */
const MAX_BYTES = 2 ** 24;
const EXPECTED = 'a line model_checkpoint_path: "model.ckpt-N"';

/** The prefixes of the checkpoints that a folder's file `checkpoint` names; `all` has the oldest first. */
export interface KeptCheckpoints {
  readonly latest: string;
  readonly all: readonly string[];
}

/**
 * Reads the file `checkpoint` of a folder. Its paths may be relative to the folder or absolute.
 *
 * @returns undefined if the folder or the file does not exist
 * @throws UserError `checkpoint` if the file is damaged or cannot be read
 */
export async function readState(dir: string): Promise<KeptCheckpoints | undefined> {
  return hintingAtOlder(join(dir, 'model.ckpt'), async () => {
    const path = statePath(dir);
    const text = await readingFile(path, () => readTextIfThere(path, MAX_BYTES));
    if (text === undefined) return undefined;
    const state = decodingFile(path, EXPECTED, () => fromText(CheckpointStateSchema, text));
    if (state.modelCheckpointPath === '') throw damaged(path, `it does not hold ${EXPECTED}`);
    const prefix = (name: string) => (isAbsolute(name) ? name : join(dir, name));
    return { latest: prefix(state.modelCheckpointPath), all: state.allModelCheckpointPaths.map(prefix) };
  });
}

/**
 * Writes the file `checkpoint`. Makes paths within the folder relative, so that the folder can be moved.
 *
 * @param all prefixes or names of all checkpoints, the oldest first
 */
export async function writeState(dir: string, latest: string, all: readonly string[]): Promise<void> {
  const nameOf = (path: string) => (resolve(dirname(path)) === resolve(dir) ? basename(path) : path);
  const state = create(CheckpointStateSchema, {
    modelCheckpointPath: nameOf(latest),
    allModelCheckpointPaths: all.map(nameOf),
  });
  await writeFileDurably(statePath(dir), new TextEncoder().encode(toText(CheckpointStateSchema, state)));
}
