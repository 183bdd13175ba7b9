import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const ENVIRONMENT = {
  // Errors only, no GPU, and TensorFlow's own kernels rather than oneDNN's, whose sums come in another order.
  TF_CPP_MIN_LOG_LEVEL: '3',
  TF_ENABLE_ONEDNN_OPTS: '0',
  CUDA_VISIBLE_DEVICES: '-1',
  PYTHONDONTWRITEBYTECODE: '1',
  // Keeps a script here from shadowing a module that TensorFlow imports by the same name.
  PYTHONSAFEPATH: '1',
};
const STDERR_TAIL_LINES = 30;

/**
 * Runs a Python script of this folder with TensorFlow and TensorBoard at hand.
 *
 * @param script file name in `test/interop`, for example `checkpoint.py`
 * @returns what the script printed to standard output
 * @throws Error with the last lines of standard error when the script fails
 */
export async function runPython(script: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      inject('python'),
      [join(import.meta.dirname, script), ...args],
      { env: { ...process.env, ...ENVIRONMENT }, maxBuffer: 1 << 28 },
    );
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const tail = stderr.trim().split('\n').slice(-STDERR_TAIL_LINES).join('\n');
    throw new Error(`${script} failed: ${tail || message}`);
  }
}
