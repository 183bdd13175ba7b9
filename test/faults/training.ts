import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/index.ts';
import { readState } from '../../src/checkpoint/state.ts';
import { EventSchema } from '../../src/wire/protos.ts';
import { decodeRecords } from '../../src/wire/record.ts';
import { writeData } from '../cli/data-fixture.ts';
import { snapshot } from '../cli/snapshot.ts';
import { succeed } from './command.ts';

/** A few pictures on disk: drawing the synthetic set would take most of a run's time. */
export const dataDir = await writeData();

export const OUTPUT_NODE = '--output_node_names=softmax_linear/softmax_linear_2';

/** Settings that are none of the defaults, so that falling back to those shows. */
export const OWN_SETTINGS = [
  '--seed=7',
  '--batch_size=2',
  '--pruning_hparams=name=mine,initial_sparsity=0.2,target_sparsity=0.9,pruning_frequency=2,sparsity_function_end_step=20',
];

/** `train` with a checkpoint every other step. */
export const trainArgs = (dir: string, maxSteps: number, ...flags: string[]): string[] => [
  'train',
  `--train_dir=${dir}`,
  `--data_dir=${dataDir}`,
  `--max_steps=${maxSteps}`,
  '--threads=1',
  '--save_checkpoint_steps=2',
  '--save_summaries_steps=3',
  '--log_frequency=1',
  ...flags,
];

/** Trains with {@link OWN_SETTINGS}, undisturbed. */
export async function trained(dir: string, maxSteps: number, ...flags: string[]): Promise<string> {
  await succeed(trainArgs(dir, maxSteps, ...OWN_SETTINGS, ...flags));
  return dir;
}

/** Digests, by name, of what two runs to the same step must have in common: all but event files and locks. */
export async function outcome(dir: string): Promise<Record<string, string>> {
  const digests = Object.entries(await snapshot(dir)).map(([path, digest]) => [basename(path), digest]);
  return Object.fromEntries(
    digests.filter(([name]) => /^(checkpoint|run\.json|graph\.pbtxt|.*\.tmp|model\.ckpt-.*)$/.test(name!)),
  );
}

/** The steps whose checkpoints the folder's state file names, oldest first. */
export async function listedSteps(dir: string): Promise<number[]> {
  const state = await readState(dir);
  return (state?.all ?? []).map((prefix) => Number(/\d+$/.exec(prefix)));
}

/**
 * That the newest checkpoint can be read to the last bit, and each event file to its last whole record. Of others, which are
 * listed before they are written and until they are deleted, those that have an index are whole, too.
 */
export async function expectSound(dir: string): Promise<void> {
  const { latest, all = [] } = (await readState(dir)) ?? {};
  for (const prefix of all) {
    if (prefix !== latest && !existsSync(`${prefix}.index`)) continue;
    const checkpoint = await openCheckpoint(prefix);
    for (const name of checkpoint.names) await checkpoint.read(name);
  }
  for (const name of await eventFiles(dir)) await readEvents(join(dir, name));
}

/** That nothing is left which a later run would neither use nor delete. */
export async function expectNoLeftovers(dir: string): Promise<void> {
  const listed = await listedSteps(dir);
  const left = (await readdir(dir)).filter((name) => {
    const step = /^model\.ckpt-(\d+)\./.exec(name)?.[1];
    return name.endsWith('.tmp') || (step !== undefined && !listed.includes(Number(step)));
  });
  expect(left).toEqual([]);
}

export const eventFiles = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => name.startsWith('events.')).toSorted();

/** @throws where a whole record is damaged */
export const readEvents = async (path: string) =>
  Array.from(decodeRecords(await readFile(path)), (record) => fromBinary(EventSchema, record));
