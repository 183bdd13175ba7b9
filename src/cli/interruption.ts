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

/**
 * Aborts the returned signal on the first SIGINT, SIGTERM or SIGHUP and calls `exit` on the second, for those who cannot wait. A
 * output that nobody reads any more counts as a SIGPIPE.
 */
export function listenForInterruption(outputs: readonly Output[], exit: (code: number) => void): AbortSignal {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    const interrupted = new Interrupted(signal);
    if (controller.signal.aborted && signal !== 'SIGPIPE') exit(interrupted.exitCode);
    controller.abort(interrupted);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // The terminal has been closed.
  process.on('SIGHUP', interrupt);
  for (const output of outputs) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') interrupt('SIGPIPE');
    });
  }
  return controller.signal;
}
