import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { writeData } from './data-fixture.ts';

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
    stderr: 'error: train has no flag --trian_dir\nhint: Did you mean --train_dir?\n',
  });
});

test('a reader that goes away is no error', async () => {
  expect(await shell('cifar10-prune train --help | head -1')).toEqual({
    code: 0,
    stdout: 'Usage: cifar10-prune train [--flag=value ...]\n',
    stderr: '',
  });
});

test('Ctrl-C saves a checkpoint and ends with 130', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bin-'));
  const flags = [
    `--train_dir=${dir}`,
    `--data_dir=${await writeData()}`,
    '--batch_size=4',
    '--log_frequency=1',
  ];
  const args = ['--import', 'tsx', 'bin/cifar10-prune.ts', 'train', ...flags];
  const training = spawn(process.execPath, args);
  let messages = '';
  training.stderr.on('data', (chunk) => {
    messages += chunk;
  });
  await once(training.stdout, 'data');
  training.kill('SIGINT');
  expect(await once(training, 'close')).toEqual([130, null]);
  expect(messages).toMatch(
    /\ninterrupted at step \d+, checkpoint saved: .*\nto continue:\n {2}cifar10-prune train --train_dir=.*\n$/,
  );
});

test.each([
  ['cifar10_train', 'train'],
  ['cifar10_eval', 'eval'],
  ['strip_pruning_vars', 'strip'],
])('%s is the command %s', async (name, command) => {
  const args = ['--import', 'tsx', `bin/${name}.ts`, '--help'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(new RegExp(`^Usage: cifar10-prune ${command} `));
  expect(manifest.bin).toHaveProperty(name, `dist/bin/${name}.js`);
});
