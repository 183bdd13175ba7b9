import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';
import { writeData } from './data-fixture.ts';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-sensitivity-'));
  data = await writeData();
  await writeCheckpoint(folder, 7);
});
afterAll(() => rm(folder, { recursive: true }));

const sensitivity = (...flags: string[]) =>
  runCaptured(
    ['sensitivity', `--checkpoint_dir=${folder}`, `--data_dir=${data}`, '--threads=1', '--raw', ...flags],
    COMMANDS,
  );

test('prints what each layer bears and what train takes', async () => {
  const { code, stdout } = await sensitivity('--sparsities=0.95,0.98', '--target=0.95');
  expect(code).toBe(0);
  expect(stdout).toMatch(/model\.ckpt-7, raw weights: accuracy \d+\.\d% of 60 images\n/);
  expect(stdout.match(/^│ \S+\/weights +│ +\d+ │ 90\.0% │( +\d+\.\d% │){2}$/gm)).toHaveLength(5);
  expect(stdout).toMatch(/\ntogether 95\.0% sparse: accuracy \d+\.\d% without training\n/);
  const [, command] = /\nto train with it:\n {2}cifar10-prune (.*)\n$/.exec(stdout)!;
  expect(command).toMatch(
    new RegExp(
      `^train --train_dir=${folder}-by-sensitivity --max_steps=7 --pruning_hparams='target_sparsity=0\\.9500,` +
        'weight_sparsity_map=\\[conv1/weights:0\\.9\\d+,.*\\],sparsity_function_end_step=5',
    ),
  );
});

test('--json has the same, and nothing is proposed unasked', async () => {
  const { stdout } = await sensitivity('--sparsities=0.95', '--json', '--num_examples=10');
  const { layers, proposal } = JSON.parse(stdout);
  expect(layers.map(({ size }: { size: number }) => size)).toEqual([4800, 102400, 884736, 73728, 1920]);
  for (const { points } of layers) expect(points).toHaveLength(2);
  expect(proposal).toBeUndefined();
});

test.each([
  [['--target=0.9', '--max_loss=1'], 2, '--target does not go with --max_loss'],
  [['--target=1'], 2, '--target=1: expected a number between 0 and 1'],
  [['--sparsities=0.5,,0.6'], 2, '--sparsities=0.5,,0.6: expected numbers between 0 and 1'],
  [['--sparsities=0.95', '--target=0.5'], 1, 'a total sparsity of 0.5 is not between 0.9'],
])('%j is refused', async (flags, exitCode, message) => {
  const { code, stdout, stderr } = await sensitivity(...flags);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toContain(`error: ${message}`);
});
