import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isFile, latestCheckpoint } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { readRegularFile, UnreadableFile } from '../regular-file.ts';
import { type FileContent, fileContent } from './file-content.ts';

/** The place of a model, and the content of its main file. */
export type Source =
  | { readonly kind: 'checkpoint'; readonly dirOrPrefix: string }
  | (FileContent & { readonly path: string });

const EXPECTED =
  'Give a train_dir, a checkpoint, a frozen graph (.pb), a SavedModel, an ONNX model or a TensorFlow.js model.';
const CHECKPOINT_FILE = /\.(index|meta|data-\d{5}-of-\d{5})$/;
/** Names of the main file of a model that is a folder. */
const MAIN_FILES = ['saved_model.pb', 'model.json'];

/**
 * Finds out by content what kind of model is at a path. A folder with checkpoints counts as a checkpoint.
 *
 * @throws UserError `file` if the path is missing or not a known model, `checkpoint` if the file `checkpoint` is damaged
 */
export async function findSource(path: string): Promise<Source> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return folderSource(path);
  const prefix = path.replace(CHECKPOINT_FILE, '');
  if (await isFile(`${prefix}.index`)) return { kind: 'checkpoint', dirOrPrefix: prefix };
  if (!found) throw new UserError('file', `there is nothing at ${path}`, EXPECTED);
  return fileSource(path);
}

async function folderSource(path: string): Promise<Source> {
  if ((await latestCheckpoint(path)) !== undefined) return { kind: 'checkpoint', dirOrPrefix: path };
  for (const name of MAIN_FILES) {
    const file = join(path, name);
    if (await isFile(file)) return fileSource(file);
  }
  throw new UserError(
    'file',
    `the folder ${path} holds no model: no checkpoint, no ${MAIN_FILES.join(', no ')}`,
    'Name the file itself if the model is in one, such as a frozen graph or an ONNX model.',
  );
}

async function fileSource(path: string): Promise<Source> {
  const bytes = await readRegularFile(path).catch((error) => {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UserError('file', error.message, EXPECTED, { cause: error });
  });
  const content = fileContent(bytes);
  if (content) return { ...content, path };
  throw new UserError('file', `${path} is not a known kind of model, or it is damaged`, EXPECTED);
}
