import { PassThrough } from 'node:stream';
import type { Command } from '../../src/cli/command.ts';
import type { Context } from '../../src/cli/context.ts';
import { runCommandLine } from '../../src/cli/run.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A context without a terminal that keeps what is written. */
export function capturingContext(interruption = new AbortController().signal) {
  const stdout = capture();
  const stderr = capture();
  const context: Context = { stdout: stdout.stream, stderr: stderr.stream, interruption: () => interruption };
  return { context, stdout: stdout.text, stderr: stderr.text };
}

/** Runs a command line inside this process. */
export async function runCaptured(
  argv: readonly string[],
  commands: readonly Command[],
  interruption?: AbortSignal,
): Promise<Outcome> {
  const { context, stdout, stderr } = capturingContext(interruption);
  const code = await runCommandLine(argv, commands, context);
  return { code, stdout: stdout(), stderr: stderr() };
}

function capture() {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
