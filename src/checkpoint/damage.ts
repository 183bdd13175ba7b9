import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { UnreadableFile } from '../regular-file.ts';
import { stepOfPrefix } from './files.ts';

export function damaged(path: string, how: string, cause?: unknown): UserError {
  return new UserError('checkpoint', `${path} is damaged: ${how}`, undefined, { cause });
}

/** Returns what `read` returns. Turns an UnreadableFile that it throws into a UserError `checkpoint`. */
export async function readingFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const how = error.isMissing ? 'is not there' : `cannot be read: ${error.reason}`;
    throw new UserError('checkpoint', `${path} ${how}`, undefined, { cause: error });
  }
}

/** Returns what `decode` returns. Turns what it throws into an error that names the file and what it should contain. */
export function decodingFile<T>(path: string, expected: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(error.code, `${path}: ${error.message}`, error.hint, { cause: error });
    throw damaged(path, `it does not hold ${expected}`, error);
  }
}

/** A checkpoint that is missing or damaged. */
export class UnreadableCheckpoint extends UserError {
  /** The prefix of an older checkpoint that the user can name instead; undefined if there is none. */
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

/** Returns what `read` returns. Adds a hint to errors without one: to name the next older checkpoint of the folder. */
export async function hintingAtOlder<T>(prefix: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError) || error.hint !== undefined) throw error;
    const older = await olderCheckpoint(prefix);
    const hint = older
      ? `Name ${older} instead, here or in ${join(dirname(prefix), 'checkpoint')}.`
      : 'Train again from the start, or name another folder.';
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
