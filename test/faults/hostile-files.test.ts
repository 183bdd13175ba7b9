import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal, run, succeed } from './command.ts';
import { newFolder } from './folder.ts';
import { dataDir, OUTPUT_NODE, trainArgs, trained } from './training.ts';

const LIMIT = 20;
const MEMORY = 2 ** 30;
const HUGE = 3 * 2 ** 30;

/** What can be in the place of a file. */
const KINDS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'a FIFO': async (path) => void execFileSync('mkfifo', [path]),
  'a device without an end': (path) => symlink('/dev/zero', path),
  'a socket': async (path) => {
    // Of a short path: sockets of long ones cannot be made.
    const server = createServer();
    process.chdir(dirname(path));
    server.listen(path.slice(dirname(path).length + 1));
    await once(server, 'listening');
    process.chdir(home);
    servers.push(server);
  },
  'a folder': async (path) => void (await mkdir(path)),
  'a huge sparse file': async (path) => {
    await writeFile(path, '');
    await truncate(path, HUGE);
  },
  'a link to itself': (path) => symlink(path, path),
};

const home = process.cwd();
const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

const data = (folder: string) => `--data_dir=${join(folder, 'data')}`;
const evaluate = (folder: string, ...what: string[]) => [
  'eval',
  ...what,
  data(folder),
  `--eval_dir=${join(folder, 'eval')}`,
  '--num_examples=8',
  '--threads=1',
];
const evaluateRun = (folder: string) =>
  evaluate(folder, `--checkpoint_dir=${join(folder, 'run')}`, '--run_once');
const train = (folder: string) =>
  trainArgs(join(folder, 'run'), 4, data(folder), '--data_url=http://127.0.0.1:9/');
const strip = (folder: string) => [
  'strip',
  `--checkpoint_dir=${join(folder, 'run')}`,
  OUTPUT_NODE,
  `--output_dir=${join(folder, 'new')}`,
];
const inspect = (file: string) => (folder: string) => ['inspect', join(folder, file)];
const batches = 'data/cifar-10-batches-bin';

/** Each file that is read, with commands that read it. */
const READERS: Readonly<Record<string, readonly ((folder: string) => string[])[]>> = {
  'run/checkpoint': [train, strip, evaluateRun, inspect('run')],
  'run/run.json': [train],
  'run/model.ckpt-2.index': [train, strip, evaluateRun, inspect('run')],
  'run/model.ckpt-2.meta': [strip],
  'run/model.ckpt-2.data-00000-of-00001': [train, strip, evaluateRun, inspect('run')],
  'frozen/pruning_stripped.pb': [
    inspect('frozen/pruning_stripped.pb'),
    (folder) => evaluate(folder, `--model=${join(folder, 'frozen/pruning_stripped.pb')}`),
    (folder) => ['bench', join(folder, 'frozen/pruning_stripped.pb')],
  ],
  'frozen/pruning_stripped.onnx': [inspect('frozen/pruning_stripped.onnx')],
  'frozen/pruning_stripped_tfjs/model.json': [inspect('frozen/pruning_stripped_tfjs/model.json')],
  'frozen/pruning_stripped_tfjs/group1-shard1of2.bin': [inspect('frozen/pruning_stripped_tfjs')],
  [`${batches}/data_batch_3.bin`]: [train],
  [`${batches}/test_batch.bin`]: [evaluateRun],
  'data/cifar-10-binary.tar.gz': [train],
  'data/cifar-10-binary.tar.gz.part': [train],
  'picture.png': [
    (folder) => [
      'predict',
      `--model=${join(folder, 'frozen/pruning_stripped.pb')}`,
      join(folder, 'picture.png'),
    ],
  ],
};

let whole: string;
beforeAll(async () => {
  whole = await newFolder();
  await trained(join(whole, 'run'), 2);
  await cp(dataDir, join(whole, 'data'), { recursive: true });
  await writeFile(join(whole, 'picture.png'), '');
  await succeed([
    'strip',
    `--checkpoint_dir=${join(whole, 'run')}`,
    OUTPUT_NODE,
    `--output_dir=${join(whole, 'frozen')}`,
    '--format=pb,onnx,tfjs',
  ]);
});

describe.each(Object.entries(READERS))('in the place of %s', (path, commands) => {
  test.each(Object.keys(KINDS))('%s is refused in one line', async (kind) => {
    // The archive is looked for where batch files are missing.
    const displaced = path.includes('.tar.gz') ? [batches] : [];
    const isThere = !path.includes('.tar.gz');
    for (const each of isThere ? [path] : displaced)
      await rename(join(whole, each), join(whole, `${each}.away`));
    await KINDS[kind]!(join(whole, path));
    try {
      const all = await Promise.all(
        commands.map(async (command) => {
          const args = command(whole);
          return { args, ended: await run(args, { limit: LIMIT }) };
        }),
      );
      for (const { args, ended } of all) {
        expect(ended.signal, `${args.join(' ')}\n${ended.stderr}`).toBeNull();
        expect(ended.peakBytes, args.join(' ')).toBeLessThan(MEMORY);
        expectRefusal(ended);
      }
    } finally {
      await rm(join(whole, path), { recursive: true, force: true });
      for (const each of isThere ? [path] : displaced)
        await rename(join(whole, `${each}.away`), join(whole, each));
    }
  });
});
