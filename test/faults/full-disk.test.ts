import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { snapshot } from '../cli/snapshot.ts';
import { file, serve } from '../dataset/server.ts';
import { cifarEntries, md5, tarball } from '../dataset/tarball.ts';
import { expectRefusal, run, start, succeed } from './command.ts';
import { newFolder } from './folder.ts';
import { obtain } from './obtain.ts';
import { drawsFor, scaled } from './scale.ts';
import { noSmallDisk, smallDisk } from './small-disk.ts';
import {
  expectNoLeftovers,
  expectSound,
  OUTPUT_NODE,
  OWN_SETTINGS,
  outcome,
  trainArgs,
  trained,
} from './training.ts';

const PLENTY = 2 ** 28;
const STEPS = 6;
const title = (what: string) => (noSmallDisk ? `${what} (${noSmallDisk})` : what);

describe.skipIf(noSmallDisk !== undefined)(title('a full disk'), () => {
  test('stops a training in one line, which goes on once there is room', async () => {
    const whole = await outcome(await trained(join(await newFolder(), 'whole'), STEPS));
    const draw = drawsFor('full disk');
    let refused = 0;
    // Too small for the first files, for one checkpoint, for two and what is kept of them.
    const sizes = [26e6, 2 ** 12, 2 ** 22, 13e6, 2 ** 16, 40e6, 2 ** 18];
    for (let round = 0; round < scaled(5); round++) {
      const size = Math.round(sizes[round % sizes.length]! * (1 + draw(100) / 400));
      const disk = smallDisk(size);
      const args = trainArgs(join(disk.path, 'run'), STEPS, ...OWN_SETTINGS);
      const ended = await run(args);
      if (ended.code !== 0) {
        expectRefusal(ended);
        expect(ended.stderr, `${size} bytes`).toMatch(/space/);
        refused++;
        if ((await readdir(disk.path)).length > 0) await expectSound(join(disk.path, 'run'));
      }
      disk.resize(PLENTY);
      await succeed(args);
      expect(await outcome(join(disk.path, 'run')), `${size} bytes`).toEqual(whole);
      await expectSound(join(disk.path, 'run'));
      await expectNoLeftovers(join(disk.path, 'run'));
    }
    console.log(`${refused} trainings stopped by a full disk`);
  });

  test('under a training is told of, and the checkpoints that are there stay whole', async () => {
    const steps = 12;
    const whole = await outcome(await trained(join(await newFolder(), 'whole'), steps));
    for (let round = 0; round < scaled(2); round++) {
      const disk = smallDisk(PLENTY);
      const dir = join(disk.path, 'run');
      const args = trainArgs(dir, steps, ...OWN_SETTINGS);
      const training = start(args);
      await training.said(`model.ckpt-${2 + 2 * (round % 4)}\n`);
      disk.resize(usedBytes(disk.path) + 4096 * round);
      expectRefusal(await training.ended);
      await expectSound(dir);
      disk.resize(PLENTY);
      await succeed(args);
      expect(await outcome(dir)).toEqual(whole);
    }
  });

  test('leaves nothing of a frozen graph in any format', async () => {
    const folder = await newFolder();
    const dir = await trained(join(folder, 'run'), 2);
    const strip = (to: string) => [
      'strip',
      `--checkpoint_dir=${dir}`,
      OUTPUT_NODE,
      `--output_dir=${to}`,
      '--format=pb,onnx,tfjs',
    ];
    await succeed(strip(join(folder, 'whole')));
    const contents = async (path: string) => Object.values(await snapshot(path)).toSorted();
    const whole = await contents(join(folder, 'whole'));
    for (let round = 0; round < scaled(3); round++) {
      const disk = smallDisk([2 ** 16, 9e6, 45e5, 2 ** 21][round % 4]!);
      await writeFile(join(disk.path, 'mine'), 'mine');
      const before = await snapshot(disk.path);
      expectRefusal(await run(strip(disk.path)));
      expect(await snapshot(disk.path)).toEqual(before);
      disk.resize(PLENTY);
      await succeed(strip(join(disk.path, 'frozen')));
      expect(await contents(join(disk.path, 'frozen'))).toEqual(whole);
    }
  });

  test('keeps the part of a download that has arrived', async () => {
    const archive = tarball([
      ...cifarEntries(50),
      { path: 'cifar-10-batches-bin/readme.txt', content: randomBytes(2e6) },
    ]);
    const server = await serve(file(archive));
    for (let round = 0; round < scaled(4); round++) {
      const disk = smallDisk([2 ** 12, 2 ** 16, 15e5, 2.8e6][round % 4]!);
      const first = await obtain(disk.path, server.url, md5(archive)).ended;
      expectRefusal(first);
      expect(first.stderr).toMatch(/space/);
      disk.resize(PLENTY);
      const second = await obtain(disk.path, server.url, md5(archive)).ended;
      expect(second, second.stderr).toMatchObject({ code: 0 });
      expect(await readdir(disk.path)).toEqual(['cifar-10-batches-bin']);
      expect((await readdir(join(disk.path, 'cifar-10-batches-bin'))).toSorted()).toEqual([
        'batches.meta.txt',
        ...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
        'test_batch.bin',
      ]);
    }
    expect(server.ranges.filter((range) => range !== undefined).length).toBeGreaterThan(0);
  });
});

const usedBytes = (path: string) =>
  Number(execFileSync('df', ['--output=used', '--block-size=1', path], { encoding: 'utf8' }).split('\n')[1]);
