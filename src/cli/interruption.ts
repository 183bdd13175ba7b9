import { constants } from 'node:os';
import type { Output } from './context.ts';

/** Why a command stopped before it was done: a signal from outside. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 130 after Ctrl-C, as shells have it. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** What asks a process to end: Ctrl-C, `kill`, a terminal that closes. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/**
 * Aborts the returned signal on the first of `signals`; the second one is for those who cannot wait, and ends the process. An output
 * that nobody reads any more counts as a SIGPIPE.
 *
 * After the first signal the operating system's own handling is back: the second one ends the process even while JavaScript is busy, or
 * while a system call that does not return keeps the process from exiting.
 */
export function listenForInterruption(
  outputs: readonly Output[],
  signals: readonly EndingSignal[] = ENDING_SIGNALS,
  kill: (signal: NodeJS.Signals) => void = (signal) => process.kill(process.pid, signal),
): AbortSignal {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (signal === 'SIGPIPE') return;
      stopListening();
      kill(signal);
      return;
    }
    controller.abort(new Interrupted(signal));
    // What has been sent meanwhile is told in the event loop's next turn, and would be lost without a listener.
    setImmediate(() => setImmediate(stopListening));
  };
  const stopListening = () => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  for (const signal of signals) process.on(signal, interrupt);
  for (const output of outputs) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') interrupt('SIGPIPE');
    });
  }
  return controller.signal;
}
