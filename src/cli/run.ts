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
 * @returns the exit code: 0 on success, 1 on an error, 2 on a wrong command line, 128 + the signal's number after an
 *   interruption
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
    // commander throws even after it has printed help or the version.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return reportError(error, context);
  }
}
