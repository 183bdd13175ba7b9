import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { train } from '../../src/train/index.ts';
import { failure } from '../failing-files.ts';
import { fewPictures, noting, trainOptions } from '../train/run.ts';

vi.mock('node:fs/promises', async (original) => {
  const { failing } = await import('../failing-files.ts');
  return failing(await original());
});

const HPARAMS = 'initial_sparsity=0.3,target_sparsity=0.9,pruning_frequency=1,sparsity_function_end_step=3';

beforeEach(() => failure.reset());

/** The files of a run but for its events, which tell times. */
async function contentOf(dir: string): Promise<Record<string, string>> {
  const files = (await readdir(dir)).filter((file) => !file.startsWith('events.')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), 'latin1')));
  return Object.fromEntries(files.map((file, at) => [file, texts[at]!]));
}

test('a run killed at any change of the file system and continued ends as one that was not, with nothing left over', async () => {
  const dataDir = await fewPictures();
  const folder = await mkdtemp(join(tmpdir(), 'killed-runs-'));
  const run = (name: string, maxSteps: number, settings = {}) =>
    train(
      trainOptions({
        trainDir: join(folder, name),
        settings,
        dataDir,
        maxSteps,
        saveCheckpointSteps: 1,
        keepCheckpoints: 1,
      }),
      noting(),
    );
  const asked = { batch_size: 2, seed: 7, pruning_hparams: HPARAMS };
  failure.reset();
  await run('short', 2, asked);
  const changes = [...failure.changes];
  await run('short', 3);
  const expected = await contentOf(join(folder, 'short'));
  expect(changes.length).toBeGreaterThan(70);
  for (let done = 0; done < changes.length; done++) {
    const at = `killed at change ${done}, ${changes[done]}`;
    failure.reset();
    failure.changesLeft = done;
    await expect(run('killed', 2, asked), at).rejects.toThrow();
    failure.reset();
    await run('killed', 3, asked);
    expect(await contentOf(join(folder, 'killed')), at).toEqual(expected);
    await rm(join(folder, 'killed'), { recursive: true });
  }
  await rm(folder, { recursive: true });
});
