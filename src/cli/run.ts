import { CommanderError } from 'commander';
import { normalizeArgv } from './argv.ts';
import type { Command } from './command.ts';
import type { Context } from './context.ts';
import { buildProgram } from './program.ts';
import { reportError } from './report.ts';

/**
 * Runs one command line and says how it ended.
 *
 * @param argv what follows the program's name
 * @returns the exit code: 0, 1 for what a user can mend, 2 for a command line that is not understood, 128 + the signal's
 *   number after an interruption
 */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  context: Context,
): Promise<number> {
  try {
    await buildProgram(commands, context).parseAsync(normalizeArgv(argv, commands), { from: 'user' });
    return 0;
  } catch (error) {
    // After help or the version commander leaves through an exception, too.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return reportError(error, context);
  }
}
