import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { taskBehind, taskOfModel, taskOfRun } from '../../src/jobs/index.ts';
import { CIFAR10 } from '../../src/tasks/cifar10.ts';
import { runCaptured } from './capture.ts';
import { writeCheckpoint } from './checkpoint-fixture.ts';
import { writeData } from './data-fixture.ts';

/** As run.json was before it named a task. */
const OLD = { seed: 1, pruning_hparams: '', dataset: 'synthetic', batch_size: 4 };
const UNKNOWN = 'names the task mnist, which this version does not know; it knows cifar10';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'task-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folder(name: string, settings?: object | string): Promise<string> {
  const dir = join(root, name);
  await mkdir(dir, { recursive: true });
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  if (settings !== undefined) await writeFile(join(dir, 'run.json'), text);
  return dir;
}

describe('what train trains', () => {
  test('is the first task in a folder that is not there, or whose run is older than tasks', async () => {
    expect(await taskOfRun(join(root, 'gone'))).toBe(CIFAR10);
    expect(await taskOfRun(await folder('old', OLD))).toBe(CIFAR10);
  });

  test('is what the run names, whether or not it has a checkpoint', async () => {
    const dir = await folder('named', { ...OLD, task: 'mnist' });
    const refused = { code: 'argument', message: `the run in ${dir} ${UNKNOWN}` };
    await expect(taskOfRun(dir)).rejects.toMatchObject(refused);
    await writeCheckpoint(dir, 7);
    await expect(taskOfRun(dir)).rejects.toMatchObject(refused);
  });

  test('is the first task where the run is replaced', async () => {
    const dir = await folder('replaced', { ...OLD, task: 'mnist' });
    const argv = [
      'train',
      `--train_dir=${dir}`,
      `--data_dir=${await writeData()}`,
      '--max_steps=1',
      '--threads=1',
    ];
    expect((await runCaptured([...argv, '--overwrite'], COMMANDS)).code).toBe(0);
    expect(JSON.parse(await readFile(join(dir, 'run.json'), 'utf8'))).toMatchObject({ task: 'cifar10' });
  });

  test('is for train to say where the settings are damaged', async () => {
    const dir = await folder('damaged', '{"seed": 1');
    expect(await taskOfRun(dir)).toBe(CIFAR10);
  });
});

test('a checkpoint that another program wrote is one of the first task', async () => {
  const prefix = await writeCheckpoint(await folder('foreign'), 3);
  expect(await taskBehind(prefix)).toEqual({
    task: CIFAR10,
    settings: { task: 'cifar10', seed: 1, pruning_hparams: '', dataset: 'cifar10', batch_size: 128 },
  });
});

test('a frozen graph is one of the task whose input and output it has, or of the first', () => {
  expect(taskOfModel({ inputShape: [24, 24, 3], outputShape: [10] }, 'synthetic')).toBe(CIFAR10);
  expect(taskOfModel({ inputShape: [28, 28, 1], outputShape: [3] })).toBe(CIFAR10);
});

describe('a run of an unknown task is refused in one line by', () => {
  const [newer, other] = ['Use the version of cifar10-prune', 'Leave --task out'];
  let dir: string;
  let prefix: string;
  beforeAll(async () => {
    dir = await folder('unknown', { ...OLD, task: 'mnist' });
    prefix = await writeCheckpoint(dir, 7);
  }, 60_000);

  test.each([
    ['train', () => [`--train_dir=${dir}`], () => `the run in ${dir} ${UNKNOWN}`, newer],
    [
      'train',
      () => [`--train_dir=${dir}`, '--task=cifar10'],
      () => 'the run in train_dir is one of task mnist, not of cifar10',
      other,
    ],
    ['eval', () => [`--checkpoint_dir=${dir}`, '--run_once'], () => `the run of ${prefix} ${UNKNOWN}`, newer],
    ['sensitivity', () => [`--checkpoint_dir=${dir}`], () => `the run of ${prefix} ${UNKNOWN}`, newer],
    ['report', () => [dir, '--json'], () => `the run in ${dir} ${UNKNOWN}`, newer],
  ])('%s', async (command, given, message, howToGoOn) => {
    const { code, stdout, stderr } = await runCaptured([command, ...given()], COMMANDS);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const [line, hint] = stderr.trimEnd().split('\n').slice(-2);
    expect(line).toContain(message());
    expect(hint).toContain(howToGoOn);
  });
});
