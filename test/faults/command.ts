import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect } from 'vitest';

const PROGRAM = 'dist/bin/cifar10-prune.js';
const MEMORY_LOOKS_MS = 20;
const LONGEST_LINE = 1000;

export interface Ended {
  /** Null where a signal has ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** Largest resident memory that was seen, 0 where the system does not tell. */
  readonly peakBytes: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles when a text has been written to either stream, or the process has ended. */
  said(text: string): Promise<void>;
}

export interface StartOptions {
  /** What runs the command line, such as nohup. */
  readonly through?: readonly string[];
  /** Seconds after which it is killed. */
  readonly limit?: number;
}

const alive = new Set<ChildProcess>();
afterEach(() => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts the built command line as a process of its own, which does not outlive the test. */
export function start(args: readonly string[], options?: StartOptions): Running {
  return startProgram([PROGRAM, ...args], options);
}

/** As {@link start}, of any program for Node. */
export function startProgram(
  args: readonly string[],
  { through = [], limit = 60 }: StartOptions = {},
): Running {
  const [program, ...rest] = [...through, process.execPath, ...args];
  const began = performance.now();
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk;
      for (const look of waiting) look();
    });
  }
  let peakBytes = 0;
  const looks = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentPeak(child.pid!));
  }, MEMORY_LOOKS_MS);
  const killing = setTimeout(() => child.kill('SIGKILL'), limit * 1000);
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    clearInterval(looks);
    clearTimeout(killing);
    alive.delete(child);
    return { code, signal, ...text, seconds: (performance.now() - began) / 1000, peakBytes };
  });
  const said = (wanted: string) =>
    Promise.race([
      ended.then(() => undefined),
      new Promise<void>((resolve) => {
        const look = () => {
          if (text.stdout.includes(wanted) || text.stderr.includes(wanted)) resolve();
        };
        waiting.add(look);
        look();
      }),
    ]);
  return { child, ended, said };
}

export const run = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(args, options).ended;

/** As {@link run}, for what has to succeed. */
export async function succeed(args: readonly string[], options?: StartOptions): Promise<Ended> {
  const ended = await run(args, options);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended;
}

/** That a command has ended with exit code 1 and told why in one printable line, and how to go on in at most one more. */
export function expectRefusal({ code, signal, stdout, stderr }: Ended): void {
  expect({ code, signal }, stderr).toEqual({ code: 1, signal: null });
  expectCleanOutput(stdout, stderr);
  expect(stderr.match(/^error: .*$/gm) ?? [], stderr).toHaveLength(1);
  expect(stderr.match(/^hint: .*$/gm)?.length ?? 0, stderr).toBeLessThanOrEqual(1);
}

/** No stack trace, no control character, no endless line. */
export function expectCleanOutput(...texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toMatch(/^ +at /m);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    for (const line of text.split('\n')) expect(line.length, line.slice(0, 200)).toBeLessThan(LONGEST_LINE);
  }
}

function residentPeak(pid: number): number {
  try {
    const [, kilobytes = 0] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
