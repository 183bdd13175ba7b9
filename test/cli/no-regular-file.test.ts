import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { BATCH_FOLDER } from '../../src/dataset/index.ts';
import { makeFifo } from '../fifo.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';
import { writeData } from './data-fixture.ts';

const PIPE = 'it is a named pipe, expected a regular file';
const OUTPUT = '--output_node_names=softmax_linear/softmax_linear_2';

let root: string;
let trained: string;
let model: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'no-regular-file-'));
  trained = join(root, 'trained');
  model = join(root, 'model.pb');
  await writeCheckpoint(trained, 70);
  const { code } = await runCaptured(
    ['strip', `--checkpoint_dir=${trained}`, OUTPUT, `--output_dir=${root}`, '--filename=model.pb'],
    COMMANDS,
  );
  expect(code).toBe(0);
});

/** Every reader would wait for ever for a writer. */
async function expectRefusal(argv: readonly string[], path: string) {
  const { code, stdout, stderr } = await runCaptured(argv, COMMANDS);
  expect(stderr).toMatch(/(^|\n)error: [^\n]+\nhint: [^\n]+\n$/);
  expect(stderr).toContain(path);
  expect(stderr).toContain(PIPE);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
}

describe('a named pipe ends at once', () => {
  test.each(['data_batch_3.bin', 'test_batch.bin'])('train in the place of %s', async (name) => {
    const dataDir = await writeData();
    const path = join(dataDir, BATCH_FOLDER, name);
    makeFifo(path);
    const command = name.startsWith('test')
      ? ['eval', `--checkpoint_dir=${trained}`, '--run_once']
      : ['train', `--train_dir=${join(root, 'new')}`];
    await expectRefusal([...command, `--data_dir=${dataDir}`], path);
  });

  test.each(['cifar-10-binary.tar.gz', 'cifar-10-binary.tar.gz.part'])(
    'train in the place of %s',
    async (name) => {
      const dataDir = await mkdtemp(join(root, 'data-'));
      makeFifo(join(dataDir, name));
      await expectRefusal(
        [
          'train',
          `--train_dir=${join(root, 'new')}`,
          `--data_dir=${dataDir}`,
          '--data_url=http://127.0.0.1:1/',
        ],
        join(dataDir, name),
      );
    },
  );

  const files = [
    'checkpoint',
    'model.ckpt-70.index',
    'model.ckpt-70.data-00000-of-00001',
    'model.ckpt-70.meta',
  ];
  test.each(files)('strip in the place of %s', async (name) => {
    const dir = await mkdtemp(join(root, 'run-'));
    await cp(trained, dir, { recursive: true });
    makeFifo(join(dir, name));
    await expectRefusal(['strip', `--checkpoint_dir=${dir}`, OUTPUT, `--output_dir=${dir}`], join(dir, name));
  });

  test.each(files.slice(0, -1))('train and inspect in the place of %s', async (name) => {
    const dir = await mkdtemp(join(root, 'run-'));
    await cp(trained, dir, { recursive: true });
    makeFifo(join(dir, name));
    await expectRefusal(['train', `--train_dir=${dir}`, '--dataset=synthetic'], join(dir, name));
    await expectRefusal(['inspect', dir], join(dir, name));
  });

  test('train in the place of run.json', async () => {
    const dir = await mkdtemp(join(root, 'run-'));
    await cp(trained, dir, { recursive: true });
    makeFifo(join(dir, 'run.json'));
    await expectRefusal(['train', `--train_dir=${dir}`, '--dataset=synthetic'], join(dir, 'run.json'));
  });

  test('inspect, bench, eval and predict in the place of a graph or a picture', async () => {
    const pipe = join(root, 'pipe');
    makeFifo(pipe);
    await expectRefusal(['inspect', pipe], pipe);
    await expectRefusal(['bench', pipe], pipe);
    await expectRefusal(['eval', `--model=${pipe}`, '--dataset=synthetic'], pipe);
    await expectRefusal(['predict', pipe, `--model=${model}`], pipe);
    await expectRefusal(['predict', model, `--model=${pipe}`], pipe);
  });

  test('inspect in the place of weights of a TensorFlow.js model', async () => {
    const dir = join(root, 'tfjs');
    await mkdir(dir);
    await writeFile(
      join(dir, 'model.json'),
      JSON.stringify({ weightsManifest: [{ paths: ['a.bin'], weights: [] }] }),
    );
    makeFifo(join(dir, 'a.bin'));
    await expectRefusal(['inspect', dir], join(dir, 'a.bin'));
  });
});

test('a device without end is refused', async () => {
  const { code, stderr } = await runCaptured(['inspect', '/dev/zero'], COMMANDS);
  expect(stderr).toMatch(
    /^error: cannot read \/dev\/zero: it is a device, expected a regular file\nhint: .+\n$/,
  );
  expect(code).toBe(1);
});
