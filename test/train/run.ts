import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BATCH_FOLDER, syntheticRecords, writeBatchFiles } from '../../src/dataset/index.ts';
import { CIFAR10 } from '../../src/tasks/cifar10.ts';
import type { TrainObserver, TrainOptions } from '../../src/train/index.ts';

/** Options of a run of small batches, but for what is given. */
export function trainOptions(
  given: Pick<TrainOptions, 'trainDir' | 'dataDir' | 'maxSteps'> & Partial<TrainOptions>,
): TrainOptions {
  return {
    task: CIFAR10,
    settings: { batch_size: 2 },
    saveCheckpointSecs: 600,
    saveSummariesSteps: 100,
    keepCheckpoints: 5,
    overwrite: false,
    overrideHparams: false,
    flags: {},
    signal: new AbortController().signal,
    ...given,
  };
}

/** An observer that keeps notices and warnings. */
export function noting(lines: string[] = []): TrainObserver {
  return {
    notice: (line) => lines.push(line),
    warning: (line) => lines.push(line),
    download: () => {},
    step: () => {},
    checkpoint: () => {},
  };
}

/** A new folder of a few drawn pictures in CIFAR-10's files. */
export async function fewPictures(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'data-'));
  const splits = { train: syntheticRecords('train', 20, 0), test: syntheticRecords('test', 10, 0) };
  await writeBatchFiles(join(dataDir, BATCH_FOLDER), splits);
  return dataDir;
}
