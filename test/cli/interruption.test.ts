import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ENDING_SIGNALS, Interrupted, listenForInterruption } from '../../src/cli/interruption.ts';
import { makeFifo } from '../fifo.ts';

const others = new Map(ENDING_SIGNALS.map((signal) => [signal, process.listeners(signal)]));
const ownListeners = () =>
  ENDING_SIGNALS.flatMap((signal) =>
    process
      .listeners(signal)
      .filter((listener) => !others.get(signal)!.includes(listener))
      .map((listener) => [signal, listener] as const),
  );

afterEach(() => {
  for (const [signal, listener] of ownListeners()) process.off(signal, listener);
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('the first %s', (name, code) => {
  test(`aborts with ${code}; a second one that was sent at once kills`, () => {
    const kill = vi.fn();
    const signal = listenForInterruption([new PassThrough()], ENDING_SIGNALS, kill);
    expect(signal.aborted).toBe(false);

    process.emit(name, name);
    expect(signal.reason).toBeInstanceOf(Interrupted);
    expect(signal.reason.exitCode).toBe(code);
    expect(kill).not.toHaveBeenCalled();

    process.emit(name, name);
    expect(kill).toHaveBeenCalledExactlyOnceWith(name);
    expect(ownListeners()).toEqual([]);
  });

  test('leaves all further ones to the operating system', async () => {
    listenForInterruption([new PassThrough()], ENDING_SIGNALS, vi.fn());
    expect(ownListeners()).toHaveLength(3);
    process.emit(name, name);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    expect(ownListeners()).toEqual([]);
  });
});

test('a signal that is not asked for is not listened to', () => {
  listenForInterruption([], ['SIGINT'], vi.fn());
  expect(ownListeners().map(([signal]) => signal)).toEqual(['SIGINT']);
});

test('an output without a reader aborts, however often it is written to', () => {
  const kill = vi.fn();
  const output = new PassThrough();
  const signal = listenForInterruption([new PassThrough(), output], ENDING_SIGNALS, kill);
  for (let i = 0; i < 2; i++)
    output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(signal.reason.exitCode).toBe(141);
  expect(kill).not.toHaveBeenCalled();
});

describe.skipIf(process.platform === 'win32')('the second signal ends a process', () => {
  const start = async (task: string, ...paths: string[]) => {
    const args = ['--import', 'tsx', 'test/cli/signalled-process.ts', task, ...paths];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await line(child, 'ready');
    return child;
  };
  const line = async ({ stdout }: ChildProcess, expected: string) => {
    expect(String(await once(stdout!, 'data'))).toBe(`${expected}\n`);
  };

  test('whose JavaScript does not return to the event loop', async () => {
    const child = await start('busy');
    child.kill('SIGINT');
    await line(child, 'interrupted');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });

  test('that system calls keep from exiting', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'blocked-'));
    const pipes = Array.from({ length: 4 }, (_, index) => join(folder, `${index}`));
    for (const pipe of pipes) makeFifo(pipe);
    const child = await start('blocked', ...pipes);
    child.kill('SIGINT');
    await line(child, 'interrupted');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  });

  test('and one is enough where nothing is in the way', async () => {
    const child = await start('idle');
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([129, null]);
  });
});
