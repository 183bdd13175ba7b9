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

test('a run keeps its task', async () => {
  const old = { ...OLD, dataset: 'cifar10' };
  const dir = await folder('kept', old);
  const { code } = await runCaptured(
    ['train', `--train_dir=${dir}`, `--data_dir=${await writeData()}`, '--max_steps=1', '--threads=1'],
    COMMANDS,
  );
  expect(code).toBe(0);
  expect(JSON.parse(await readFile(join(dir, 'run.json'), 'utf8'))).toMatchObject({
    ...old,
    task: 'cifar10',
    pruning_hparams: expect.stringContaining('target_sparsity'),
  });
});

test.each([
  ['train', (dir: string) => ['train', `--train_dir=${dir}`]],
  ['train as another task', (dir: string) => ['train', `--train_dir=${dir}`, '--task=cifar10']],
  ['eval', (dir: string) => ['eval', `--checkpoint_dir=${dir}`, '--run_once']],
  ['sensitivity', (dir: string) => ['sensitivity', `--checkpoint_dir=${dir}`]],
  ['report', (dir: string) => ['report', dir, '--json']],
])('%s refuses a run of an unknown task in one line', async (what, argv) => {
  const dir = await folder(`unknown ${what}`, { ...OLD, task: 'mnist' });
  const prefix = await writeCheckpoint(dir, 7);
  const { code, stdout, stderr } = await runCaptured(argv(dir), COMMANDS);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const [line, hint] = stderr.trimEnd().split('\n').slice(-2);
  const told = {
    'train as another task': 'the run in train_dir is one of task mnist, not of cifar10',
    eval: `the run of ${prefix} ${UNKNOWN}`,
    sensitivity: `the run of ${prefix} ${UNKNOWN}`,
  }[what];
  expect(line).toContain(told ?? `the run in ${dir} ${UNKNOWN}`);
  expect(hint).toContain(
    told?.includes('train_dir') ? 'Leave --task out' : 'Use the version of cifar10-prune',
  );
});
