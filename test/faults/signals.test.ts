import { mkdir, readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { readState } from '../../src/checkpoint/index.ts';
import { snapshot } from '../cli/snapshot.ts';
import { serve, stallingAfter } from '../dataset/server.ts';
import { type Ended, expectCleanOutput, type Running, start, succeed } from './command.ts';
import { fileEvents } from './file-events.ts';
import { newFolder } from './folder.ts';
import { drawsFor, scaled } from './scale.ts';
import { dataDir, expectSound, OUTPUT_NODE, OWN_SETTINGS, trainArgs, trained } from './training.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ENDLESS = 100_000;
/** Until a command that does not listen counts as hung. */
const LIMIT = 20;

const draw = drawsFor('signals');

let run: string;
beforeAll(async () => {
  run = await trained(await newFolder(), 2);
});

test('a training is stopped by signals, with whole checkpoints', async () => {
  const dir = await newFolder();
  for (let round = 0; round < scaled(8); round++) {
    const { ended } = await stopped(trainArgs(dir, ENDLESS, ...OWN_SETTINGS), () => pause(draw(1000)));
    await expectSound(dir);
    const named = /interrupted at step \d+, checkpoint saved: (\S+)/.exec(ended.stderr)?.[1];
    if (named) expect((await readState(dir))?.latest).toBe(named);
  }
});

test('an evaluation is stopped by signals', async () => {
  const args = [
    'eval',
    `--checkpoint_dir=${run}`,
    `--data_dir=${dataDir}`,
    `--eval_dir=${join(run, 'eval')}`,
  ];
  for (let round = 0; round < scaled(5); round++)
    await stopped([...args, '--threads=1'], () => pause(draw(800)));
});

test('strip is stopped by signals, and leaves all of its files or none', async () => {
  const folder = await newFolder();
  const args = (to: string) => [
    'strip',
    `--checkpoint_dir=${run}`,
    OUTPUT_NODE,
    `--output_dir=${to}`,
    '--format=pb,onnx,tfjs',
  ];
  const digests = async (path: string) => Object.values(await snapshot(path)).toSorted();
  await succeed(args(join(folder, 'whole')));
  const whole = await digests(join(folder, 'whole'));
  for (let round = 0; round < scaled(15); round++) {
    const to = join(folder, String(round));
    await mkdir(to);
    // A third at any time, the others while files are being written.
    const moment = ({ ended }: Running) =>
      round % 3 === 0 ? pause(draw(1000)) : fileEvents(to, 1 + draw(9), ended);
    const { ended, signals } = await stopped(args(to), moment);
    if (signals === 2) {
      // Who sends a second signal does not wait until unfinished files are removed: the next strip does it.
      const named = Object.entries(await snapshot(to)).filter(
        ([path]) => !relative(to, path).startsWith('.'),
      );
      for (const [path, digest] of named) expect(whole, path).toContain(digest);
      await succeed([...args(to), '--overwrite']);
      expect(await digests(to)).toEqual(whole);
    } else {
      expect(await digests(to)).toEqual(ended.code === 0 ? whole : []);
    }
  }
});

test('a download is stopped by signals, and keeps what has arrived', async () => {
  const server = await serve(stallingAfter(1000, Buffer.alloc(2000)));
  const dir = await newFolder();
  const args = ['train', `--train_dir=${join(dir, 'run')}`, `--data_dir=${dir}`, `--data_url=${server.url}`];
  for (let round = 0; round < scaled(6); round++) {
    await stopped(args, () => pause(draw(900)));
    // The lock file of a process that was killed stays; its lock does not.
    const known = ['cifar-10-binary.tar.gz.part', '.download.lock', 'run'];
    const others = (await readdir(dir)).filter((name) => !known.includes(name));
    expect(others).toEqual([]);
  }
});

test('nohup keeps a training from stopping when the terminal is closed', async () => {
  // Through a shell, as users do: Node forgets which signals were ignored when it started, the shell tells who started it.
  const through = ['bash', '-c', 'nohup "$0" "$@"'];
  const training = start(trainArgs(await newFolder(), 12, ...OWN_SETTINGS), { through });
  for (const wanted of ['model.ckpt-2\n', 'model.ckpt-6\n']) {
    await training.said(wanted);
    training.child.kill('SIGHUP');
  }
  const { code, stderr } = await training.ended;
  expect(code, stderr).toBe(0);
});

/** Starts a command and sends it one signal or two. */
async function stopped(
  args: readonly string[],
  moment: (running: Running) => Promise<unknown>,
): Promise<{ readonly ended: Ended; readonly signals: number }> {
  const signal = SIGNALS[draw(SIGNALS.length)]!;
  const signals = 1 + draw(2);
  const running = start(args, { limit: LIMIT });
  await Promise.race([moment(running), running.ended]);
  running.child.kill(signal);
  if (signals === 2) {
    await pause(draw(60));
    running.child.kill(signal);
  }
  const ended = await running.ended;
  if (ended.code !== 0) {
    // Before the program listens, the system ends it.
    const expected = ended.signal === null ? [128 + constants.signals[signal], null] : [null, signal];
    expect([ended.code, ended.signal], ended.stderr).toEqual(expected);
  }
  expectCleanOutput(ended.stdout, ended.stderr);
  return { ended, signals };
}
