import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectCleanOutput, start, succeed } from './command.ts';
import { fileEvents } from './file-events.ts';
import { newFolder } from './folder.ts';
import { drawsFor, scaled } from './scale.ts';
import {
  eventFiles,
  expectSound,
  listedSteps,
  OWN_SETTINGS,
  outcome,
  readEvents,
  trainArgs,
  trained,
} from './training.ts';

const KILLS = scaled(18);
const ENDLESS = 100_000;
/** From before the program is loaded until a few checkpoints later. */
const LATEST_MS = 1200;
const LATEST_FILE_EVENT = 60;
const FOREIGN = ['notes.tmp', 'notes.txt.123.tmp', 'model.ckpt-best.index'];

test('a training that is killed again and again ends as one that ran through, bit for bit', async () => {
  const folder = await newFolder();
  const dir = join(folder, 'killed');
  await mkdir(dir);
  for (const name of FOREIGN) await writeFile(join(dir, name), name);
  const draw = drawsFor('kills');
  for (let kill = 0; kill < KILLS; kill++) {
    const training = start(trainArgs(dir, ENDLESS, ...OWN_SETTINGS));
    const moment =
      kill % 3 === 0 ? pause(draw(LATEST_MS)) : fileEvents(dir, 1 + draw(LATEST_FILE_EVENT), training.ended);
    await moment;
    training.child.kill('SIGKILL');
    const { signal, stdout, stderr } = await training.ended;
    expect(signal, stderr).toBe('SIGKILL');
    expectCleanOutput(stdout, stderr);
    await expectSound(dir);
  }
  const last = ((await listedSteps(dir)).at(-1) ?? 0) + 4;
  await succeed(trainArgs(dir, last, ...OWN_SETTINGS));

  const whole = await outcome(await trained(join(folder, 'whole'), last));
  const foreign = Object.fromEntries(FOREIGN.map((name) => [name, expect.any(String)]));
  expect(await outcome(dir)).toEqual({ ...whole, ...foreign });
  await expectSound(dir);
  const events = await readEvents(join(dir, (await eventFiles(dir)).at(-1)!));
  expect(events.at(-1)!.what.case).toBe('sessionLog');
  console.log(`${KILLS} kills survived, ended at step ${last}`);
});
