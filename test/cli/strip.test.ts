import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { Interrupted } from '../../src/cli/interruption.ts';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import type { TensorProto } from '../../src/wire/protos.ts';
import { trainingFolder } from '../strip/training-folder.ts';
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
    ['gzipped', '', ''],
  ]);
  const megabytes = `${(size / 1e6).toFixed(2)} MB`;
  expect(rows[7]!.slice(3)).toEqual([megabytes, megabytes, '100.0%']);
  expect(Math.max(...lines.slice(5).map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.slice(-2)).toEqual([
    'run on 4 random inputs: same output bits as the frozen graph',
    expect.stringMatching(/^--weight_format=sparse would save 3\.\d\d MB of it \(8\d\.\d%\)$/),
  ]);
  expect(lines.at(-3)).toBe("verified: read back, 5 weight tensors equal the frozen graph's");
});

test('needs no output of the CIFAR-10 network, and tells what leaving out its zeros would save, to the byte', async () => {
  const dense = await strip('--filename=k.pb', '--json');
  const [{ bytes, sparse_bytes }] = JSON.parse(dense.stdout).exports;
  expect(JSON.parse(dense.stdout).outputs).toEqual(['softmax_linear/softmax_linear_2']);
  const sparse = await strip('--filename=l.pb', '--weight_format=sparse', '--json');
  const [written] = JSON.parse(sparse.stdout).exports;
  expect(sparse_bytes).toBe(written.bytes);
  expect(sparse_bytes).toBeLessThan(bytes / 5);
  expect(written.sparse_bytes).toBeUndefined();
});

test.each([
  [
    'onnx',
    'int8',
    /tensors equals .* within\n1\/254 of the largest magnitude of its output; .*\nnot run: for onnx, only the weights/,
  ],
  ['tfjs', 'int8', /1\/510 of its tensor's range; .*\nnot run: for tfjs, only the weights are compared/],
  ['saved_model', 'sparse,float16', /half a unit in its .*\nrun on 4 .* as the graph with float16 weights;/],
])('says of %s with %s weights what was compared, and whether it was run', async (format, weights, told) => {
  const { stdout } = await strip('--filename=m.pb', `--format=${format}`, `--weight_format=${weights}`);
  expect(stdout).toMatch(told);
  expect(stdout).not.toContain('would save');
});

test('the name of a scope means its last node', async () => {
  const { code, stderr } = await strip('--output_node_names=softmax_linear');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /Name softmax_linear\/softmax_linear_2, the last node of the scope softmax_linear\.\n$/,
  );
});

test('warns of a mask that stays, and of no weights', async () => {
  const flags = ['--output_node_names=conv1/mask/read', '--filename=mask.pb'];
  const warnings = [
    'the outputs need no masked weights: 0 weight tensors were folded',
    'node conv1/mask/read (Identity) reads the mask conv1/mask, which stays',
  ];
  const { code, stdout } = await strip(...flags);
  expect(code).toBe(0);
  expect(stdout.split('\n').slice(3, 5)).toEqual(warnings.map((warning) => `warning: ${warning}`));
  const { stdout: json } = await strip(...flags, '--overwrite', '--json');
  expect(JSON.parse(json)).toMatchObject({ warnings });
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
  expect(refused.stderr).toMatch(/^error: .*c\.pb exists already\nhint: Give --overwrite/);
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

test('writes several formats at once, each verified, and refuses all where one exists', async () => {
  const formats = '--format=pb,onnx,tfjs,saved_model';
  const { code, stdout, stderr } = await strip(OUTPUT, '--filename=f.pb', formats, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { exports } = JSON.parse(stdout);
  expect(exports.map(({ format, verified }: Record<string, object>) => [format, verified])).toEqual(
    ['pb', 'onnx', 'tfjs', 'saved_model'].map((format) => [
      format,
      expect.objectContaining({ tensors: 5, largest_weight_difference: 0 }),
    ]),
  );
  const files = ['f.pb', 'f.onnx', 'f_tfjs/model.json', 'f_saved_model/saved_model.pb'];
  for (const file of files) expect((await stat(join(dir, file))).isFile()).toBe(true);

  for (const file of files.slice(0, 3)) await rm(join(dir, file));
  const refused = await strip(OUTPUT, '--filename=f.pb', formats);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('f_saved_model/saved_model.pb exists already');
  await expect(stat(join(dir, 'f.pb'))).rejects.toThrow('ENOENT');
});

test('a weight format that one of the formats cannot store is refused before anything is written', async () => {
  const { code, stderr } = await strip(
    OUTPUT,
    '--filename=g.pb',
    '--format=pb,tfjs',
    '--weight_format=sparse,int8',
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/for tfjs: dense or float16 or int8\.$/m);
  await expect(stat(join(dir, 'g.pb'))).rejects.toThrow('ENOENT');
});

test('files that turn out wrong when they are read back are an error, which names them', async () => {
  const encode = vi.spyOn(EXPORT_FORMATS.pb, 'encode').mockImplementationOnce((graph, options) => {
    const weights = graph.node.find(({ name }) => name === 'conv1/weights/masked_weight')!;
    const tensor = weights.attr.value!.value as { value: TensorProto };
    tensor.value.tensorContent = tensor.value.tensorContent.map((byte, i) => (i === 3 ? byte ^ 0x80 : byte));
    const files = EXPORT_FORMATS.pb.encode(graph, options);
    tensor.value.tensorContent = tensor.value.tensorContent.map((byte, i) => (i === 3 ? byte ^ 0x80 : byte));
    return files;
  });
  const { code, stderr } = await strip(OUTPUT, '--filename=h.pb');
  encode.mockRestore();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: .*h\.pb failed verification, and was not written: weight 0 of conv1\/weights/,
  );
  await expect(stat(join(dir, 'h.pb'))).rejects.toThrow('ENOENT');
});

/** Aborts when it is asked for the nth time whether it has been aborted. */
function abortingAt(check: number) {
  const controller = new AbortController();
  const { signal } = controller;
  let checks = 0;
  const count = () => {
    checks += 1;
    if (checks === check) controller.abort(new Interrupted('SIGINT'));
  };
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      count();
      AbortSignal.prototype.throwIfAborted.call(signal);
    },
  });
  return { signal, checks: () => checks };
}

test('Ctrl-C at any time leaves all as it was, and after the last moment for it all is new', async () => {
  const folder = join(dir, 'interrupted');
  const flags = [
    OUTPUT,
    `--output_dir=${folder}`,
    '--filename=i.pb',
    '--format=pb,tfjs',
    '--weight_format=int8',
  ];
  const run = (signal: AbortSignal, ...more: string[]) =>
    runCaptured(['strip', `--checkpoint_dir=${dir}`, ...flags, ...more], COMMANDS, signal);
  const never = abortingAt(0);
  expect((await run(never.signal)).code).toBe(0);
  expect(never.checks()).toBeGreaterThan(10);
  await rm(folder, { recursive: true });

  const sample = [1, 5, ...Array.from({ length: 10 }, (_, i) => never.checks() - i)];
  for (const check of sample) {
    const { code, stdout } = await run(abortingAt(check).signal);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  }

  await mkdir(folder);
  await writeFile(join(folder, 'i.pb'), 'mine');
  for (const check of [never.checks(), never.checks() - 3]) {
    expect((await run(abortingAt(check).signal, '--overwrite')).code).toBe(130);
    expect(await readdir(folder)).toEqual(['i.pb']);
    expect(await readFile(join(folder, 'i.pb'), 'utf8')).toBe('mine');
  }
});

test.each(['', '.', '..', '../x.pb', '/x.pb', 'a/b.pb', 'a\\b.pb', 'a\u0000b', 'a\nb.pb'])(
  '--filename=%j is no name of a file',
  async (name) => {
    const { code, stderr } = await strip(OUTPUT, `--filename=${name}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /expected the name of a file in --output_dir, such as pruning_stripped\.pb, without a folder\n/,
    );
  },
);

test.each(['loop', 'loop-resource'])(
  'strips the graph of a %s, which is not run to verify it',
  async (name) => {
    const { dir: folder, expected } = await trainingFolder(name);
    const flags = [
      `--checkpoint_dir=${folder}`,
      `--output_dir=${join(folder, 'out')}`,
      `--output_node_names=${expected.outputNodeNames.join(',')}`,
      `--input_node_names=${expected.inputNodeNames.join(',')}`,
      '--format=pb,saved_model',
    ];
    for (const format of ['dense', 'sparse,int8']) {
      const given = ['strip', ...flags, `--weight_format=${format}`, '--overwrite'];
      const { code, stdout, stderr } = await runCaptured(given, COMMANDS);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/not run: node .* closes a loop, which this runtime does not compute/);
    }
  },
);

test('a node that gives no tensor, and an output other than the first, are refused', async () => {
  const refusal = async (name: string) => (await strip(`--output_node_names=${name}`)).stderr;
  expect(await refusal('save/restore_all')).toMatch(/^error: .*save\/restore_all \(NoOp\) gives no tensor\n/);
  expect(await refusal('conv1/conv1_2:1')).toMatch(/^error: .*conv1\/conv1_2:1 is not the first output/);
});
