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
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, 5)).toEqual([
    `${prefix}: raw weights`,
    'inputs: images [?, 24, 24, 3]',
    'outputs: softmax_linear/softmax_linear_2',
    '',
    `pb, weights dense: ${path}`,
  ]);
  const rows = lines.filter((line) => line.startsWith('│')).map((line) => line.split(/\s*│\s*/).slice(1, -1));
  expect(rows.map((cells) => cells.slice(0, 3))).toEqual([
    ['', 'values', 'zeros'],
    ['conv1/weights', '4800', '90.0%'],
    ['conv2/weights', '102400', '90.0%'],
    ['local3/weights', '884736', '90.0%'],
    ['local4/weights', '73728', '90.0%'],
    ['softmax_linear/weights', '1920', '90.0%'],
    ['all else', '', ''],
    ['total', '1067584', '90.0%'],
    ['gzip makes of it', '', ''],
  ]);
  const megabytes = `${(size / 1e6).toFixed(2)} MB`;
  expect(rows[7]!.slice(3)).toEqual([megabytes, megabytes, '100.0%']);
  expect(Math.max(...lines.slice(5).map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.slice(-2)).toEqual([
    'verified: read back, 5 weight tensors are equal',
    'run on 4 inputs, it gives the outputs expected, to the bit',
  ]);
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

test.each([
  ['sparse', 0.14],
  ['sparse,float16', 0.09],
  ['int8,sparse', 0.065],
])(
  '--weight_format=%s makes a file of at most %d of dense, in numbers for programs',
  async (format, share) => {
    const { code, stdout } = await strip(
      OUTPUT,
      '--filename=e.pb',
      '--overwrite',
      `--weight_format=${format}`,
      '--json',
    );
    expect(code).toBe(0);
    const { dense, exports } = JSON.parse(stdout);
    expect(exports).toHaveLength(1);
    const [{ bytes, files, tensors, verified }] = exports;
    expect(files).toEqual([{ path: join(dir, 'e.pb'), bytes: (await stat(join(dir, 'e.pb'))).size }]);
    expect(bytes / dense.bytes).toBeLessThan(share);
    expect(tensors.map(({ values, zeros }: Record<string, number>) => [values, zeros])).toContainEqual([
      4800, 4320,
    ]);
    expect(verified).toMatchObject({ tensors: 5, inputs: 4 });
    expect(verified.largest_weight_difference === 0).toBe(format === 'sparse');
  },
);

test('a word that is no weight format is refused with all that are', async () => {
  const { code, stderr } = await strip(OUTPUT, '--weight_format=float16,int8');
  expect(code).toBe(2);
  expect(stderr).toContain('dense or sparse or float16 or int8 or sparse,float16 or sparse,int8');
  expect((await strip(OUTPUT, '--format=pb,pdf')).stderr).toMatch(
    /--format=pb,pdf: expected one or more of pb/,
  );
});
