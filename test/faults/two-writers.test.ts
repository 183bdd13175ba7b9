import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshot } from '../cli/snapshot.ts';
import { file, serve } from '../dataset/server.ts';
import { cifarEntries, md5, tarball } from '../dataset/tarball.ts';
import { expectRefusal, run, start, succeed } from './command.ts';
import { newFolder } from './folder.ts';
import { obtain } from './obtain.ts';
import { scaled } from './scale.ts';
import {
  expectNoLeftovers,
  expectSound,
  OUTPUT_NODE,
  OWN_SETTINGS,
  outcome,
  trainArgs,
  trained,
} from './training.ts';

const ENDLESS = 100_000;

test('of trainings that start at once in one folder one trains, and the others leave it alone', async () => {
  const folder = await newFolder();
  const whole = await outcome(await trained(join(folder, 'whole'), 20));
  for (let round = 0; round < scaled(2); round++) {
    const dir = join(folder, `shared-${round}`);
    const all = await Promise.all([1, 2, 3, 4].map(() => run(trainArgs(dir, 20, ...OWN_SETTINGS))));
    expect(all.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    // One that starts late enough finds the run at its end, and nothing to do.
    for (const ended of all) if (ended.code !== 0) expectRefusal(ended);
    const trainers = all.filter(({ stdout }) => stdout.includes('step 10'));
    expect(trainers).toHaveLength(1);
    expect(await outcome(dir)).toEqual(whole);
    await expectNoLeftovers(dir);
  }
});

test('a live run is neither continued nor overwritten by another, and is taken over when it is dead', async () => {
  const folder = await newFolder();
  const dir = join(folder, 'run');
  for (let round = 0; round < scaled(2); round++) {
    const owner = start(trainArgs(dir, ENDLESS, ...OWN_SETTINGS));
    await owner.said(`checkpoint saved: ${join(dir, 'model.ckpt-')}`);
    expectRefusal(await run(trainArgs(dir, ENDLESS, '--overwrite', '--seed=2')));
    expectRefusal(await run(trainArgs(dir, ENDLESS)));
    expect(owner.child.exitCode).toBeNull();
    await succeed(['inspect', dir]);
    owner.child.kill('SIGKILL');
    await owner.ended;
    await expectSound(dir);
  }
  const heir = start(trainArgs(dir, ENDLESS));
  await heir.said('checkpoint saved: ');
  heir.child.kill('SIGINT');
  expect(await heir.ended).toMatchObject({ code: 130 });
  await expectNoLeftovers(dir);
});

test('of two strips to one file one wins, and the other says that the file is there', async () => {
  const folder = await newFolder();
  const dir = await trained(join(folder, 'run'), 2);
  const strip = (to: string) => ['strip', `--checkpoint_dir=${dir}`, OUTPUT_NODE, `--output_dir=${to}`];
  await succeed(strip(join(folder, 'whole')));
  const contents = async (path: string) => Object.values(await snapshot(path));
  const whole = await contents(join(folder, 'whole'));
  for (let round = 0; round < scaled(8); round++) {
    const to = join(folder, `stripped-${round}`);
    await mkdir(to);
    const both = await Promise.all([run(strip(to)), run(strip(to))]);
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1]);
    const loser = both.find(({ code }) => code === 1)!;
    expectRefusal(loser);
    expect(loser.stderr).toContain('exists already');
    expect(await contents(to)).toEqual(whole);
  }
});

test('of downloads into one folder at once each ends with whole files or says why not', async () => {
  const archive = tarball(cifarEntries(400));
  const server = await serve(file(archive));
  for (let round = 0; round < scaled(2); round++) {
    const dataDir = await newFolder();
    const all = await Promise.all([1, 2, 3].map(() => obtain(dataDir, server.url, md5(archive)).ended));
    expect(
      all.filter(({ code }) => code === 0).length,
      all.map(({ stderr }) => stderr).join(),
    ).toBeGreaterThan(0);
    for (const ended of all) if (ended.code !== 0) expectRefusal(ended);
    // What was left by a loser does not stand in the way.
    expect(await obtain(dataDir, server.url, md5(archive)).ended).toMatchObject({ code: 0 });
    expect(
      (await readdir(join(dataDir, 'cifar-10-batches-bin'))).filter((name) => name.startsWith('.')),
    ).toEqual([]);
  }
});
