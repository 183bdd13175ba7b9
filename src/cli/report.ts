import { inspect, styleText } from 'node:util';
import { UserError } from '../errors.ts';
import { redacted } from '../redacted.ts';
import type { Context } from './context.ts';
import { Interrupted } from './interruption.ts';
import { manifest } from './manifest.ts';
import { explainSystemError } from './system-error.ts';

/** Prints the error of a command and returns the exit code. */
export function reportError(error: unknown, { stderr }: Context): number {
  if (error instanceof Interrupted) return error.exitCode;
  const known = error instanceof UserError ? error : explainSystemError(error);
  const title = styleText('red', 'error:', { stream: stderr });
  if (known) {
    stderr.write(`${title} ${redacted(known.message)}\n`);
    if (known.hint) stderr.write(`hint: ${redacted(known.hint)}\n`);
    return known.code === 'usage' ? 2 : 1;
  }
  const address = manifest.bugs ? ` at ${manifest.bugs.url}` : '';
  stderr.write(
    `${title} ${inspect(error)}\n\n` +
      `This is a bug in ${manifest.name} ${manifest.version} (Node ${process.version}, ${process.platform} ${process.arch}). ` +
      `Please report it${address}, with the command and the text above.\n`,
  );
  return 1;
}
