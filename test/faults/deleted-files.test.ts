import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectRefusal, run, start } from './command.ts';
import { newFolder } from './folder.ts';
import { drawsFor, scaled } from './scale.ts';
import { OWN_SETTINGS, outcome, trainArgs, trained } from './training.ts';

const MIDDLE = 12;
const END = 24;

/** What is deleted, of the files that are there. */
const KINDS: Readonly<Record<string, (names: readonly string[]) => readonly string[]>> = {
  'the folder': () => ['.'],
  'the settings': () => ['run.json'],
  'the event file': (names) => names.filter((name) => name.startsWith('events.')),
  'the graph': () => ['graph.pbtxt'],
  'the state': () => ['checkpoint'],
  'the lock': (names) => names.filter((name) => /lock/.test(name)),
  'the newest checkpoint': (names) => newest(names),
  'all checkpoints': (names) => names.filter(isOfCheckpoint),
};

describe('what is deleted under a training leads to the right end or to an error:', () => {
  const draw = drawsFor('deleted files');
  let whole: Promise<string | undefined> | undefined;
  const rightWeights = async () => weights(await trained(join(await newFolder(), 'whole'), END));

  test.each(Object.keys(KINDS))('%s', async (kind) => {
    whole ??= rightWeights();
    const folder = await newFolder();
    for (let round = 0; round < scaled(1); round++) {
      const dir = join(folder, `run-${round}`);
      const training = start(trainArgs(dir, MIDDLE, ...OWN_SETTINGS));
      await training.said(`model.ckpt-${2 + 2 * draw(4)}\n`);
      const names = KINDS[kind]!(await readdir(dir));
      await Promise.all(names.map((name) => rm(join(dir, name), { recursive: true, force: true })));
      const ended = await training.ended;
      if (ended.code !== 0) expectRefusal(ended);
      // Where no checkpoint is left, a new run is all that there can be.
      if (!(await readdir(dir).catch(() => [])).some(isOfCheckpoint)) continue;

      // First without the flags: they are to come from the folder, or the folder is to be refused.
      const continued = await run(trainArgs(dir, END));
      if (continued.code !== 0) {
        expectRefusal(continued);
        const told = await run(trainArgs(dir, END, ...OWN_SETTINGS));
        if (told.code !== 0) {
          expectRefusal(told);
          continue;
        }
      }
      expect(await weights(dir), kind).toBe(await whole);
    }
  });
});

const isOfCheckpoint = (name: string) => name.startsWith('model.ckpt');

function newest(names: readonly string[]): readonly string[] {
  const steps = names.map((name) => Number(/^model\.ckpt-(\d+)\./.exec(name)?.[1] ?? -1));
  return names.filter((name) => name.startsWith(`model.ckpt-${Math.max(...steps)}.`));
}

/** A digest of all variables at the end. */
async function weights(dir: string): Promise<string | undefined> {
  return (await outcome(dir))[`model.ckpt-${END}.data-00000-of-00001`];
}
