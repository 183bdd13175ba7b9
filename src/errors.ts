import { getSystemErrorMap } from 'node:util';

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

/**
 * The only error a user is meant to see: `message` says in one line what is wrong, where, and what was expected;
 * `hint` says in one line how to go on. Any other error that reaches the command line is a bug and is printed whole.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** What the file system refused as a UserError `file`; any other error as it is. @param action for example `write PATH` */
export function refusedByFileSystem(action: string, error: unknown): unknown {
  const { errno, code } = error as NodeJS.ErrnoException;
  if (errno === undefined) return error;
  const [, reason] = getSystemErrorMap().get(errno) ?? [code, code];
  return new UserError(
    'file',
    `cannot ${action}: ${reason}`,
    'Choose another folder, or change who may write there or how much.',
    { cause: error },
  );
}
