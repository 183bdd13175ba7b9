import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectCleanOutput, start, succeed } from './command.ts';
import { newFolder } from './folder.ts';
import { scaled } from './scale.ts';
import { dataDir, OUTPUT_NODE, OWN_SETTINGS, trainArgs } from './training.ts';

const ENDLESS = 100_000;
const ROUNDS = scaled(6);

test('readers find a checkpoint however soon the one that they looked at is deleted', async () => {
  const folder = await newFolder();
  const dir = join(folder, 'run');
  const training = start(
    trainArgs(dir, ENDLESS, ...OWN_SETTINGS, '--save_checkpoint_steps=1', '--keep_checkpoint_max=1'),
    { limit: 600 },
  );
  await training.said('checkpoint saved: ');
  const evaluating = start(
    [
      'eval',
      `--checkpoint_dir=${dir}`,
      `--data_dir=${dataDir}`,
      `--eval_dir=${join(folder, 'eval')}`,
      '--eval_interval_secs=0.05',
      '--num_examples=8',
      '--threads=1',
    ],
    { limit: 600 },
  );
  for (let round = 0; round < ROUNDS; round++) {
    await succeed([
      'strip',
      `--checkpoint_dir=${dir}`,
      OUTPUT_NODE,
      `--output_dir=${join(folder, 'frozen')}`,
      '--overwrite',
    ]);
    await succeed(['inspect', dir]);
    await succeed(['inspect', dir, '--json']);
  }
  for (const { child } of [training, evaluating]) {
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    child.kill('SIGINT');
  }
  const { code, stdout, stderr } = await evaluating.ended;
  expect(code, stderr).toBe(130);
  expectCleanOutput(stdout, stderr);
  expect(stdout.match(/precision @ 1/g)?.length).toBeGreaterThan(ROUNDS / 2);
  expect(await training.ended).toMatchObject({ code: 130 });
});
