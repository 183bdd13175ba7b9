import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { listenForInterruption } from './interruption.ts';
import { reportError } from './report.ts';
import { runCommandLine } from './run.ts';

// What a user reads first should be ours: TensorFlow's native library, where it is used, greets on stderr, and newer
// Nodes announce there what TensorFlow.js's dependencies should no longer call.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.noDeprecation ??= true;

const { stdout, stderr } = process;
let interruption: AbortSignal | undefined;
const context: Context = {
  stdout,
  stderr,
  interruption: () => {
    interruption ??= listenForInterruption(stdout, exit);
    return interruption;
  },
};

process.on('uncaughtException', (error) => exit(reportError(error, context)));
// A reader that has gone away, as `head` does, is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await runCommandLine(process.argv.slice(2), COMMANDS, context);
stdout.write('', () => exit(code));

/** The only place that ends the process. */
function exit(code: number): never {
  process.exit(code);
}
