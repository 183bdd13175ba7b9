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
  | 'diverged';

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
