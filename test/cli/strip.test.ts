import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';

const OUTPUT = '--output_node_names=softmax_linear/softmax_linear_2';

let dir: string;
let prefix: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cli-strip-'));
  prefix = await writeCheckpoint(dir, 70);
});

const strip = (...flags: string[]) =>
  runCaptured(['strip', `--checkpoint_dir=${dir}`, `--output_dir=${dir}`, ...flags], COMMANDS);

test('strips the newest checkpoint and tells what it wrote', async () => {
  const { code, stdout, stderr } = await strip(OUTPUT, '--filename=a.pb');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const path = join(dir, 'a.pb');
  const { size } = await stat(path);
  expect(stdout).toBe(
    `${prefix}: raw weights\n` +
      'conv1/weights/masked_weight: 4800 values, 90.0% zeros\n' +
      'conv2/weights/masked_weight: 102400 values, 90.0% zeros\n' +
      'local3/weights/masked_weight: 884736 values, 90.0% zeros\n' +
      'local4/weights/masked_weight: 73728 values, 90.0% zeros\n' +
      'softmax_linear/weights/masked_weight: 1920 values, 90.0% zeros\n' +
      'inputs: images [?, 24, 24, 3]\n' +
      'outputs: softmax_linear/softmax_linear_2\n' +
      `frozen graph written: ${path} (${(size / 1e6).toFixed(2)} MB)\n`,
  );
});

test("takes the original's name, its other flag and a checkpoint's prefix", async () => {
  const flags = [
    `--checkpoint-path=${prefix}`,
    `--output_dir=${dir}`,
    '--filename=b.pb',
    '--moving_average',
    OUTPUT,
  ];
  const { code, stdout } = await runCaptured(['strip_pruning_vars', ...flags], COMMANDS);
  expect(code).toBe(0);
  expect(stdout).toContain(`${prefix}: moving averages of the weights\n`);
});

test('replaces a file only with --overwrite', async () => {
  const path = join(dir, 'c.pb');
  await writeFile(path, 'mine');
  const refused = await strip(OUTPUT, '--filename=c.pb');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^error: .*c\.pb exists already\nhint: give --overwrite/);
  expect(await readFile(path, 'utf8')).toBe('mine');

  expect((await strip(OUTPUT, '--filename=c.pb', '--overwrite')).code).toBe(0);
  expect((await stat(path)).size).toBeGreaterThan(4_000_000);
});

test('an unknown output lists the nearest nodes', async () => {
  const { code, stderr } = await strip(
    '--output_node_names=softmax_linear/softmax_linear',
    '--filename=d.pb',
  );
  expect(code).toBe(1);
  expect(stderr).toContain('softmax_linear/softmax_linear_2');
  await expect(stat(join(dir, 'd.pb'))).rejects.toThrow('ENOENT');
});
