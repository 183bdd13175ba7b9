import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { UnreadableFile } from '../regular-file.ts';
import { stepOfPrefix } from './files.ts';

export function damaged(path: string, how: string, cause?: unknown): UserError {
  return new UserError('checkpoint', `${path} is damaged: ${how}`, undefined, { cause });
}

/** What `read` returns; where a file of the checkpoint cannot be read, the error is one of the checkpoint. */
export async function readingFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const how = error.isMissing ? 'is not there' : `cannot be read: ${error.reason}`;
    throw new UserError('checkpoint', `${path} ${how}`, undefined, { cause: error });
  }
}

/** What `decode` returns; whatever it throws becomes an error that names the file and what it should hold. */
export function decodingFile<T>(path: string, expected: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(error.code, `${path}: ${error.message}`, error.hint, { cause: error });
    throw damaged(path, `it does not hold ${expected}`, error);
  }
}

/** A checkpoint that cannot be read as it is. */
export class UnreadableCheckpoint extends UserError {
  /** The prefix of one that can be named instead. */
  readonly instead: string | undefined;

  constructor(
    message: string,
    hint: string | undefined,
    instead: string | undefined,
    options?: ErrorOptions,
  ) {
    super('checkpoint', message, hint, options);
    this.instead = instead;
  }
}

/** What `read` returns; an error of it that has no hint of its own gets one at the next older checkpoint of the folder. */
export async function hintingAtOlder<T>(prefix: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError) || error.hint !== undefined) throw error;
    const older = await olderCheckpoint(prefix);
    const hint = older
      ? `There is ${older}: name it instead, here or in ${join(dirname(prefix), 'checkpoint')}.`
      : 'Train anew, or name another folder.';
    throw new UnreadableCheckpoint(error.message, hint, older, { cause: error });
  }
}

async function olderCheckpoint(prefix: string): Promise<string | undefined> {
  const [dir, name] = [dirname(prefix), basename(prefix)];
  const step = stepOfPrefix(name) ?? Infinity;
  const series = name.replace(/-\d+$/, '');
  const files = await readdir(dir).catch(() => []);
  const steps = files.flatMap((file) => {
    const match = /^(.+)-(\d+)\.index$/.exec(file);
    return match && match[1] === series && Number(match[2]) < step ? [Number(match[2])] : [];
  });
  return steps.length > 0 ? join(dir, `${series}-${Math.max(...steps)}`) : undefined;
}
