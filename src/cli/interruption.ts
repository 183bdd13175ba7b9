import { constants } from 'node:os';
import type { Output } from './context.ts';

/** Why a command stopped before it was done: a signal from outside. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 128 plus the signal's number, as in shells: 130 after Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Signals that ask a process to end: Ctrl-C, `kill`, a terminal that closes. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/**
 * Returns an AbortSignal that aborts on the first of `signals`. A second one ends the process at once, for users who do not want to
 * wait. An output that nobody reads any more counts as a SIGPIPE.
 *
 * After the first signal the handlers are removed, so that the operating system handles the second one: it ends the process even while
 * JavaScript is busy or a system call does not return.
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
    // Node delivers a signal that arrived meanwhile in the event loop's next turn; without a handler it would be lost.
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
