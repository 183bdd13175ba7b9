import { COMMANDS } from './commands.ts';
import type { Context } from './context.ts';
import { isHangupIgnored } from './hangup.ts';
import { ENDING_SIGNALS, listenForInterruption } from './interruption.ts';
import { reportError } from './report.ts';
import { runCommandLine } from './run.ts';

// What a user reads first should be ours: TensorFlow's native library, where it is used, greets on stderr, and newer
// Nodes announce there what TensorFlow.js's dependencies should no longer call.
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
// A reader that has gone away, as `head` does, or a closed terminal is no error.
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
// An error of what was written before is told after the callback.
stdout.write('', () => setImmediate(() => exit(code)));

/** The only place that ends the process. */
function exit(code: number): never {
  process.exit(code);
}
