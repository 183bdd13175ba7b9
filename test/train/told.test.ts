import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { train } from '../../src/train/index.ts';
import { fewPictures, noting, trainOptions } from './run.ts';

let isLockedByKernel = true;
vi.mock('../../src/lock/kernel.ts', async (original) => {
  const kernel = await original<typeof import('../../src/lock/kernel.ts')>();
  return {
    tryLockByKernel: (path: string) => (isLockedByKernel ? kernel.tryLockByKernel(path) : undefined),
  };
});

async function toldOf(options: { readonly logDevicePlacement?: boolean } = {}): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'train-told-'));
  const lines: string[] = [];
  const run = { trainDir: join(dir, 'run'), dataDir: await fewPictures(), maxSteps: 1, ...options };
  await train(trainOptions(run), noting(lines));
  return lines;
}

test('a run tells where operations are computed, if asked, and warns where the kernel does not lock files', async () => {
  const warning =
    'train_dir is on a system that does not lock files: a second run in it is noticed only on the same machine';
  const plain = await toldOf();
  expect(plain).not.toContain(warning);
  expect(plain.filter((line) => line.includes('(Conv2D)'))).toEqual([]);

  isLockedByKernel = false;
  const told = await toldOf({ logDevicePlacement: true });
  expect(told).toContain(warning);
  const placed = told.filter((line) => /^\S+: \(\w+\): \S/.test(line));
  expect(placed).toContainEqual(expect.stringMatching(/^conv1\/Conv2D: \(Conv2D\): simd/));
  expect(placed).toContainEqual(expect.stringMatching(/^softmax_linear\/\S+: \(MatMul\): simd/));
});
