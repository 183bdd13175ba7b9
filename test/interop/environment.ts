import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of an interpreter with TensorFlow, or '' where there is none. */
    python: string;
  }
}

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'requirements.txt');
const environment = join(import.meta.dirname, '../../.venv-interop');
const stamp = join(environment, 'requirements.sha256');
const interpreter = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/**
 * Set-up of the interop tests: finds or makes the Python environment. Where that is impossible the tests are skipped,
 * unless CI=true, where it is a failure. CIFAR10_PRUNE_PYTHON names an interpreter to use as it is instead.
 */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('python', await findPython());
}

async function findPython(): Promise<string> {
  const chosen = process.env.CIFAR10_PRUNE_PYTHON;
  if (chosen) return chosen;
  try {
    return await preparedInterpreter();
  } catch (error) {
    const reason = `no Python environment with TensorFlow: ${lastLine(error)}`;
    if (process.env.CI === 'true') throw new Error(reason);
    console.warn(`interop tests skipped, ${reason}`);
    return '';
  }
}

/** The interpreter of `.venv-interop`, installed anew whenever the requirements have changed. */
async function preparedInterpreter(): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return interpreter;

  console.log('installing TensorFlow and TensorBoard for the interop tests into .venv-interop');
  await rm(environment, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', environment]);
  await run(interpreter, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--retries',
    '2',
    '-r',
    requirements,
  ]);
  await writeFile(stamp, hash);
  return interpreter;
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? '';
}
