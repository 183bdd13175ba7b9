import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BATCH_FILES, RECORD_BYTES } from '../../src/cifar10-loader.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { randomStream } from '../../src/random.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';
import { writeData } from './data-fixture.ts';
import { snapshot } from './snapshot.ts';

let root: string;
let trained: string;
let prefix: string;
let dataDir: string;
let before: Record<string, string>;

const inRoot = (name: string) => join(root, name);
const OUTPUT = '--output_node_names=softmax_linear/softmax_linear_2';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bad-input-'));
  trained = inRoot('trained');
  prefix = await writeCheckpoint(trained, 70);
  dataDir = await writeData();
  await writeFile(inRoot('file'), 'mine');
});

/** Runs a command line that must fail, and leave every file as it is. */
async function expectRefusal(argv: readonly string[], message: string | RegExp) {
  before = await snapshot(root);
  const { code, stdout, stderr } = await runCaptured(argv, COMMANDS);
  expect(stderr).toMatch(/(^|\n)error: \S[^\n]*\nhint: \S[^\n]*\n$/);
  expect(stderr.match(/error:/g)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(/error: (.*)/.exec(stderr)![1]).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(await snapshot(root)).toEqual(before);
}

describe('a malformed hparams string', () => {
  test.each([
    ['target_sparsity', /"target_sparsity": there is no "="/],
    ['target_sparsity=', /target_sparsity=/],
    ['target_sparsity=lots', /"lots" is not of type float/],
    ['target_sparsity=1', /\[0, 1\)/],
    ['target_sparsity=-0.1', /\[0, 1\)/],
    ['target_sparsity=[0.5]', /a list is given for a single value/],
    ['target_sparsity=0.5,target_sparsity=0.6', /target_sparsity is assigned twice/],
    ['target_sparsty=0.5', /the nearest is target_sparsity/],
    [' target_sparsity=0.5', /there is a blank before the name/],
    ['target_sparsity=0.5,,nbins=3', /the clause is empty/],
    ['pruning_frequency=1.0', /"1.0" is not of type int/],
    ['weight_sparsity_map=conv1:0.5', /a single value is given for a list/],
    ['weight_sparsity_map=[conv1:0.5', /the list has no closing "]"/],
    ['weight_sparsity_map=[conv1:1.5]', /regex:sparsity/],
    ['weight_sparsity_map=[conv(:0.5]', /valid regular expression/],
    ['weight_sparsity_map[0]=conv1:0.5', /an element of a list cannot be assigned/],
    ['block_dims_map=[local3:4]', /regex:HxW/],
    ['begin_pruning_step=10,end_pruning_step=5', /pruning ends before it begins/],
    ['sparsity_function_begin_step=100', /ends before it begins/],
    ['prune_option=first_order_gradient', /not supported yet/],
    ['weight_sparsity_map=[conv1/weights:0.5,conv1:0.6]', /conv1/],
  ])('%s', async (hparams, message) => {
    await expectRefusal(
      ['train', '--dataset=synthetic', `--train_dir=${inRoot('new')}`, `--pruning_hparams=${hparams}`],
      message,
    );
  });
});

describe('batch files', () => {
  const record = (label: number) => new Uint8Array(RECORD_BYTES).fill(label, 0, 1);

  test.each([
    ['truncated', 'data_batch_3.bin', record(3).subarray(0, 3000), /data_batch_3\.bin.*3000/],
    [
      'oversized',
      'data_batch_1.bin',
      new Uint8Array(10_001 * RECORD_BYTES),
      /data_batch_1\.bin.*at most 30730000/,
    ],
    ['empty', 'data_batch_5.bin', new Uint8Array(), /data_batch_5\.bin has 0 bytes/],
    ['labelled 10', 'data_batch_2.bin', record(10), /data_batch_2\.bin.*label.*10/],
  ])('that are %s', async (_, bad, bytes, message) => {
    const folder = await mkdtemp(inRoot('data-'));
    for (const name of BATCH_FILES.train)
      await writeFile(join(folder, name), name === bad ? bytes : record(1));
    await expectRefusal(['train', `--data_dir=${folder}`, `--train_dir=${inRoot('new')}`], message);
  });
});

describe('a checkpoint', () => {
  let path: string;
  let intact: Buffer;
  const spoil = async (ending: string, change: (bytes: Buffer) => Buffer) => {
    path = `${prefix}${ending}`;
    intact = await readFile(path);
    await writeFile(path, change(Buffer.from(intact)));
  };
  const flipByte = (position: number) => (bytes: Buffer) => {
    bytes[position]! ^= 0xff;
    return bytes;
  };
  const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
  const INDEX = '.index';
  const DATA = '.data-00000-of-00001';
  const META = '.meta';

  const strip = () => ['strip', `--checkpoint_dir=${trained}`, OUTPUT, `--output_dir=${root}`];
  const evaluate = () => [
    'eval',
    `--checkpoint_dir=${trained}`,
    '--run_once',
    `--data_dir=${dataDir}`,
    `--eval_dir=${inRoot('e')}`,
  ];
  const resume = () => ['train', `--data_dir=${dataDir}`, `--train_dir=${trained}`, '--max_steps=71'];

  afterEach(async () => {
    await writeFile(path, intact);
  });

  test.each([
    ['whose index has a flipped byte, stripped', INDEX, flipByte(100), strip],
    ['whose index is cut, evaluated', INDEX, cut, evaluate],
    ['whose index is empty, continued', INDEX, () => Buffer.alloc(0), resume],
    ['whose data has a flipped byte, stripped', DATA, flipByte(5_000_000), strip],
    ['whose data is cut, continued', DATA, cut, resume],
    ['whose meta graph is cut, stripped', META, cut, strip],
    ['whose meta graph is empty, stripped', META, () => Buffer.alloc(0), strip],
  ])('%s', async (_, ending, change, argv) => {
    await spoil(ending, change);
    await expectRefusal(argv(), new RegExp(`model\\.ckpt-70\\${ending}`));
  });

  test('that the file checkpoint does not name', async () => {
    path = join(trained, 'checkpoint');
    intact = await readFile(path);
    await writeFile(path, 'garbage');
    await expectRefusal(strip(), /checkpoint is damaged/);
  });
});

describe('paths', () => {
  test.each([
    [
      'a train_dir that is a file',
      () => ['train', '--dataset=synthetic', `--train_dir=${inRoot('file')}`],
      /file is a file, expected a folder/,
    ],
    [
      'a train_dir below a file',
      () => ['train', `--data_dir=${dataDir}`, `--train_dir=${inRoot('file/a')}`],
      /file\/a/,
    ],
    [
      'a data_dir that is a file',
      () => ['train', `--data_dir=${inRoot('file')}`, `--train_dir=${inRoot('new')}`],
      /file/,
    ],
    [
      'a checkpoint_dir that is a file',
      () => ['strip', OUTPUT, `--checkpoint_dir=${inRoot('file')}`, `--output_dir=${root}`],
      /file is a file/,
    ],
    [
      'a checkpoint_dir without a checkpoint',
      () => ['eval', '--run_once', `--checkpoint_dir=${root}`],
      /holds no checkpoint/,
    ],
    [
      'an output_dir that nobody can write to',
      () => ['strip', OUTPUT, `--checkpoint_dir=${trained}`, '--output_dir=/sys/strip'],
      /\/sys\/strip/,
    ],
    [
      'an eval_dir in a folder that holds no files',
      () => [
        'eval',
        `--checkpoint_dir=${trained}`,
        '--run_once',
        `--data_dir=${dataDir}`,
        '--eval_dir=/proc/eval',
      ],
      /\/proc\/eval/,
    ],
    [
      'an output_dir in a folder that holds no files',
      () => ['strip', OUTPUT, `--checkpoint_dir=${trained}`, '--output_dir=/proc/strip/a'],
      /\/proc\/strip/,
    ],
    [
      'an output_dir below a file',
      () => ['strip', OUTPUT, `--checkpoint_dir=${trained}`, `--output_dir=${inRoot('file')}`],
      /file/,
    ],
    [
      'an existing frozen graph',
      () => ['strip', OUTPUT, `--checkpoint_dir=${trained}`, `--output_dir=${root}`, '--filename=file'],
      /file exists already/,
    ],
    ['an out_dir of the demo that holds files', () => ['demo', `--out_dir=${trained}`], /is not empty/],
  ])('%s', async (_, argv, message) => {
    await expectRefusal(argv(), message);
  });
});

describe('a frozen graph', () => {
  const stream = randomStream(1, 'random bytes');
  const randomBytes = (size: number) => Uint8Array.from({ length: size }, () => stream.integer(256));

  test.each([
    ['of random bytes', randomBytes(10_000)],
    ['of a few random bytes', randomBytes(7)],
    ['of zeros', new Uint8Array(100)],
    ['without bytes', new Uint8Array()],
  ])('%s', async (_, bytes) => {
    const path = inRoot('random.pb');
    await writeFile(path, bytes);
    await expectRefusal(['eval', `--model=${path}`, '--dataset=synthetic'], /random\.pb is no frozen graph/);
  });

  test('that is not there', async () => {
    await expectRefusal(['eval', `--model=${inRoot('missing.pb')}`, '--dataset=synthetic'], /missing\.pb/);
  });
});

describe('kernels that the engine does not have', () => {
  test.each([
    { command: 'train', argument: () => `--train_dir=${inRoot('new')}` },
    { command: 'eval', argument: () => `--checkpoint_dir=${trained}` },
    { command: 'sensitivity', argument: () => `--checkpoint_dir=${trained}` },
  ])('$command', async ({ command, argument }) => {
    const flags = [argument(), '--dataset=synthetic', '--engine=tfjs', '--kernels=native'];
    await expectRefusal([command, ...flags], /^engine tfjs has no kernels native$/);
  });
});

describe('a command line', () => {
  test.each([
    ['train --max_steps=0', /^error: --max_steps=0: expected an integer >= 1\n/],
    ['train --dataset=cifar100', /^error: --dataset=cifar100: expected cifar10 or synthetic\n/],
    [
      'train --save_checkpoint_secs=-1',
      /^error: --save_checkpoint_secs=-1: expected a number of seconds >= 0\n/,
    ],
    ['eval --eval_data=train', /^error: --eval_data=train: expected test or train_eval\n/],
    ['eval --backend=gpu', /^error: --backend=gpu: expected auto or node-gpu or node or wasm or cpu\n/],
    ['eval --kernels=fast', /^error: --kernels=fast: expected auto or native or wasm\n/],
    ['eval --model=a.pb --raw', /^error: --raw does not go with --model/],
  ])('%s: exit code 2', async (line, message) => {
    const { code, stdout, stderr } = await runCaptured(line.split(' '), COMMANDS);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: .*\nhint: .*\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
