import { readFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { fromText, toText } from '@bufbuild/protobuf/txtpb';
import { writeFileDurably } from '../durable.ts';
import { UserError } from '../errors.ts';
import { CheckpointStateSchema } from '../wire/protos.ts';
import { statePath } from './files.ts';

/** The checkpoints that the file `checkpoint` of a folder names, as prefixes to open, oldest first. */
export interface KeptCheckpoints {
  readonly latest: string;
  readonly all: readonly string[];
}

/**
 * Reads the file `checkpoint` of a folder. Its paths may be relative to the folder or absolute.
 *
 * @returns undefined if the folder or the file is not there
 * @throws UserError `checkpoint` if the file is damaged
 */
export async function readState(dir: string): Promise<KeptCheckpoints | undefined> {
  const path = statePath(dir);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const state = parse(path, text);
  const prefix = (name: string) => (isAbsolute(name) ? name : join(dir, name));
  return {
    latest: prefix(state.modelCheckpointPath),
    all: state.allModelCheckpointPaths.map(prefix),
  };
}

/** Names the checkpoints relative to the folder, so that it can be moved. */
export async function writeState(dir: string, prefixes: readonly string[]): Promise<void> {
  const names = prefixes.map((prefix) => basename(prefix));
  const state = create(CheckpointStateSchema, {
    modelCheckpointPath: names.at(-1) ?? '',
    allModelCheckpointPaths: names,
  });
  await writeFileDurably(statePath(dir), new TextEncoder().encode(toText(CheckpointStateSchema, state)));
}

function parse(path: string, text: string) {
  try {
    const state = fromText(CheckpointStateSchema, text);
    if (state.modelCheckpointPath !== '') return state;
  } catch {
    // Reported below, with what was expected.
  }
  throw new UserError(
    'checkpoint',
    `${path} does not name a checkpoint, expected a line model_checkpoint_path: "model.ckpt-N"`,
    'Name one of the checkpoints in the folder instead, for example DIR/model.ckpt-100.',
  );
}
