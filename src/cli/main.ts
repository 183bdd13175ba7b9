import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { isHangupIgnored } from './hangup.ts';
import { ENDING_SIGNALS, listenForInterruption } from './interruption.ts';
import { reportError } from './report.ts';
import { runCommandLine } from './run.ts';

// Silences what would come first on stderr: the greeting of TensorFlow's native library, and Node's deprecation
// warnings about dependencies of TensorFlow.js.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.noDeprecation ??= true;

const { stdout, stderr } = process;
const ignoredSignal = isHangupIgnored() ? 'SIGHUP' : undefined;
if (ignoredSignal) process.on(ignoredSignal, () => undefined);

let interruption: AbortSignal | undefined;
const context: Context = {
  stdout,
  stderr,
  interruption: () => {
    interruption ??= listenForInterruption(
      [stdout, stderr],
      ENDING_SIGNALS.filter((signal) => signal !== ignoredSignal),
    );
    return interruption;
  },
};

process.on('uncaughtException', (error) => exit(reportError(error, context)));
// Not errors: the reader of a pipe has ended, as `head` does, or the terminal is closed.
const GONE = ['EPIPE', 'EIO'];
for (const [output, path] of [
  [stdout, 'standard output'],
  [stderr, 'standard error'],
] as const) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) throw Object.assign(error, { path });
  });
}

const code = await runCommandLine(process.argv.slice(2), COMMANDS, context);
// Node emits the error of an earlier write only after this callback.
stdout.write('', () => setImmediate(() => exit(code)));

/** The only place that ends the process. */
function exit(code: number): never {
  process.exit(code);
}
