import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluationBatches, syntheticRecords } from '../../src/cifar10-loader.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { randomStream } from '../../src/random.ts';
import { bytesOf, floats, image, integers, op } from '../runtime/graphs.ts';
import { runCaptured } from './capture.ts';

const records = syntheticRecords('test', 3);
const VALUES = 24 * 24 * 3;
const WEIGHTS = 10 * VALUES;
const stream = randomStream(1, 'weights of a test');
const weights = Float32Array.from({ length: WEIGHTS }, () => 0.05 * stream.normal());

let folder: string;
const at = (name: string) => join(folder, name);
const pictures = [0, 1, 2].map((index) => `${index}.png`);

/** A model of one matrix product, so that its probabilities can be computed by hand. */
const linear = (classes = 10, values: ArrayLike<number> = weights) => [
  image(-1, 24, 24, 3),
  integers('shape', -1, VALUES),
  op('flat', 'Reshape', ['images', 'shape']),
  floats('weights', [VALUES, classes], Array.from(values).slice(0, VALUES * classes)),
  op('logits', 'MatMul', ['flat', 'weights']),
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-predict-'));
  for (const [index, name] of pictures.entries())
    await writeFile(
      at(name),
      encode({ width: 32, height: 32, channels: 3, depth: 8, data: records.rgb(index) }),
    );
  const models = {
    'model.pb': linear(),
    'softmax.pb': [...linear(), op('softmax', 'Softmax', ['logits']), op('named', 'Identity', ['softmax'])],
    'seven.pb': linear(7),
    'diverged.pb': linear(10, new Float32Array(WEIGHTS).fill(Number.NaN)),
    'small.pb': [image(-1, 8, 8, 3), op('relu', 'Relu', ['images'])],
    'pixels.pb': [image(-1, 24, 24, 3), op('relu', 'Relu', ['images'])],
  };
  for (const [name, nodes] of Object.entries(models)) await writeFile(at(name), bytesOf(nodes));
  await writeFile(at('text.png'), 'no picture');
  await mkdir(at('folder'));
});

const predict = (names: readonly string[], ...flags: string[]) =>
  runCaptured(['predict', ...names.map(at), ...flags], COMMANDS);
const withModel = (name: string) => `--model=${at(name)}`;

/** Probabilities by label of each picture, as evaluation would prepare it. */
function expectedProbabilities(): number[][] {
  const [batch] = evaluationBatches(records, 3);
  return pictures.map((_, index) => {
    const input = batch!.images.subarray(index * VALUES, (index + 1) * VALUES);
    const powers = Array.from({ length: 10 }, (_, label) =>
      Math.exp(input.reduce((sum, value, row) => sum + value * weights[row * 10 + label]!, 0)),
    );
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map((power) => power / total);
  });
}

interface PredictedClass {
  readonly label: number;
  readonly name?: string;
  readonly probability: number;
}
const classesOf = (stdout: string): PredictedClass[][] =>
  JSON.parse(stdout).images.map(({ classes }: { classes: PredictedClass[] }) => classes);

describe('predict --json', () => {
  test.each(['model.pb', 'softmax.pb'])('gives the softmax of the logits once: %s', async (name) => {
    const { code, stdout } = await predict(pictures, withModel(name), '--json', '--top=20');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      model: at(name),
      images: pictures.map((picture) => ({ path: at(picture) })),
    });
    const predicted = classesOf(stdout);
    for (const [index, expected] of expectedProbabilities().entries()) {
      const classes = predicted[index]!;
      expect(classes.map(({ label }) => label).sort()).toEqual(expected.map((_, label) => label));
      for (const { label, probability } of classes) expect(probability).toBeCloseTo(expected[label]!, 4);
      const probabilities = classes.map(({ probability }) => probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    }
  });

  test('names the classes of the dataset where their number fits', async () => {
    const top = async (...flags: string[]) =>
      classesOf((await predict([pictures[0]!], ...flags, '--json', '--top=1')).stdout)[0]!;
    const [first] = await top(withModel('model.pb'));
    const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
    expect(first!.name).toBe(names[first!.label]);
    const [drawn] = await top(withModel('model.pb'), '--dataset=synthetic');
    expect(drawn!.label).toBe(first!.label);
    expect(names).not.toContain(drawn!.name);
    expect((await top(withModel('seven.pb')))[0]).not.toHaveProperty('name');
  });
});

test('prints one table, in which a picture stands at the first of its classes', async () => {
  const { code, stdout, stderr } = await predict(pictures.slice(0, 2), withModel('model.pb'), '--top=3');
  expect({ code, lines: stderr.match(/\n/g)?.length }).toEqual({ code: 0, lines: 1 });
  const rows = stdout.split('\n').flatMap((line) => {
    const cells = line.split('│').map((cell) => cell.trim());
    return cells.length > 1 ? [cells.slice(1, -1)] : [];
  });
  const percent = expect.stringMatching(/^\d+\.\d%$/);
  const name = expect.stringMatching(/^[a-z]+$/);
  expect(rows).toEqual([
    ['image', 'class', 'probability'],
    ...['0.png', '1.png'].flatMap((path) => [at(path), '', ''].map((first) => [first, name, percent])),
  ]);
});

test('labels stand for classes that have no names', async () => {
  const { stdout } = await predict([pictures[0]!], withModel('seven.pb'));
  expect(stdout.match(/│ +[0-6] │ +\d+\.\d% │$/gm)).toHaveLength(5);
});

test.each([
  [['missing.png'], 'model.pb', /^error: cannot read .*missing\.png: there is no such file\n/],
  [['text.png'], 'model.pb', /^error: .*text\.png is no PNG, JPEG or WebP picture\n/],
  [['0.png', 'folder'], 'model.pb', /^error: cannot read .*folder: it is a folder, expected a file\n/],
  [['0.png'], 'missing.pb', /^error: cannot read .*missing\.pb: .*\nhint: .*--model=FILE\.pb/],
  [['0.png'], 'text.png', /^error: .*text\.png is no frozen graph/],
  [['0.png'], 'small.pb', /^error: .*small\.pb takes images of 8 x 8 x 3 values, expected 24 x 24 x 3\n/],
  [['0.png'], 'pixels.pb', /^error: .*pixels\.pb: relu gives \[24, 24, 3\] for an image, expected one value/],
  [['0.png'], 'diverged.pb', /error: .*diverged\.pb gives NaN or infinite values for .*0\.png\n/],
])('%s with %s is refused', async (names, model, message) => {
  const { code, stdout, stderr } = await predict(names, withModel(model));
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/(^|\n)error: [^\n]*\nhint: [^\n]*\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('without a picture is a usage error', async () => {
  const { code, stderr } = await predict([], '--json');
  expect(stderr).toMatch(/^error: predict needs IMAGE\.\.\.: .*\nhint: .*\n$/);
  expect(code).toBe(2);
});

test('without sharp, predict says how to get it', async () => {
  const hook = `export const resolve = (name, context, next) => next(name === 'sharp' ? 'not-installed' : name, context);`;
  const hooks = `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));`;
  const args = ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(hooks)}`];
  const predict = ['bin/cifar10-prune.ts', 'predict', at('0.png'), `--model=${at('model.pb')}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...predict], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /^error: sharp, which reads pictures, is not installed\nhint: Run npm install sharp where /m,
  );
});
