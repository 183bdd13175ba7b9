import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { Interrupted, listenForInterruption } from '../../src/cli/interruption.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const others = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!others.get(signal)!.includes(listener)) process.off(signal, listener);
    }
  }
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the first %s aborts, the second ends the process with %d', (name, code) => {
  const exit = vi.fn();
  const signal = listenForInterruption([new PassThrough()], exit);
  expect(signal.aborted).toBe(false);

  process.emit(name, name);
  expect(signal.reason).toBeInstanceOf(Interrupted);
  expect(signal.reason.exitCode).toBe(code);
  expect(exit).not.toHaveBeenCalled();

  process.emit(name, name);
  expect(exit).toHaveBeenCalledExactlyOnceWith(code);
});

test('an output without a reader aborts, however often it is written to', () => {
  const exit = vi.fn();
  const output = new PassThrough();
  const signal = listenForInterruption([new PassThrough(), output], exit);
  for (let i = 0; i < 2; i++)
    output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(signal.reason.exitCode).toBe(141);
  expect(exit).not.toHaveBeenCalled();
});
