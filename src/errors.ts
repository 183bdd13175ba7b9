import { getSystemErrorMap } from 'node:util';
import { printable } from './printable.ts';

/** What kind of thing went wrong; `usage` ends the process with exit code 2, every other kind with 1. */
export type ErrorCode =
  | 'usage'
  | 'hparams'
  | 'argument'
  | 'dataset'
  | 'network'
  | 'file'
  | 'checkpoint'
  | 'graph'
  | 'engine'
  | 'diverged'
  | 'sweep';

const MESSAGE_LENGTH = 500;
/** Longer than messages, since some hints list all possible values. */
const HINT_LENGTH = 1500;

/**
 * The only error that users should see. `message` says in one line what is wrong, where, and what was expected; `hint` says in one
 * line what to do. Both may quote files and servers, so characters that would break the line are escaped, and text that is too long
 * loses its middle. Any other error that reaches the command line is a bug and is printed whole.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(printable(message, MESSAGE_LENGTH), options);
    this.code = code;
    this.hint = hint === undefined ? undefined : printable(hint, HINT_LENGTH);
  }
}

/** Turns an error of the file system into a UserError `file`; returns any other error unchanged. @param action for example `write PATH` */
export function refusedByFileSystem(action: string, error: unknown): unknown {
  const reason = systemReason(error);
  if (reason === undefined) return error;
  return new UserError(
    'file',
    `cannot ${action}: ${reason}`,
    'Choose another folder, or change who may write there or how much.',
    { cause: error },
  );
}

const NO_LINKS = new Set<string | undefined>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Whether a hard link failed because the file system does not support them, or allows no more of this file. */
export function hasNoLinks(error: unknown): boolean {
  return NO_LINKS.has((error as NodeJS.ErrnoException).code);
}

/** The operating system's description of an error; undefined for an error that does not come from it. */
export function systemReason(error: unknown): string | undefined {
  const { errno, code } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof errno === 'number' ? (getSystemErrorMap().get(errno)?.[1] ?? code) : undefined;
}
