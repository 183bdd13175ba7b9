import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = `${process.execPath} --import tsx bin/cifar10-prune.ts`;

/** Runs a shell command in which `cifar10-prune` is this program. */
async function shell(command: string) {
  const script = `set -o pipefail; cifar10-prune() { ${PROGRAM} "$@"; }; ${command}`;
  const {
    stdout,
    stderr,
    code = 0,
  } = await promisify(execFile)('bash', ['-c', script]).catch((failure) => failure);
  return { stdout, stderr, code };
}

test('a mistyped command line goes to stderr with exit code 2', async () => {
  expect(await shell('cifar10-prune train --trian_dir=x')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: train has no flag --trian_dir\nhint: did you mean --train_dir?\n',
  });
});

test('a reader that goes away is no error', async () => {
  expect(await shell('cifar10-prune train --help | head -1')).toEqual({
    code: 0,
    stdout: 'Usage: cifar10-prune train [--flag=value ...]\n',
    stderr: '',
  });
});
