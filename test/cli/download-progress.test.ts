import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { downloadProgress } from '../../src/cli/download-progress.ts';
import { capturingContext } from './capture.ts';

const CHUNKS = Array.from({ length: 101 }, (_, index) => index * 1_000_000);

test('without a live line every tenth of the whole is a line', () => {
  const { context, stderr } = capturingContext();
  const onProgress = downloadProgress(context.stderr, undefined);
  for (const bytes of CHUNKS) onProgress(bytes, 100_000_000);
  const lines = stderr().trimEnd().split('\n');
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe('downloading CIFAR-10  0.0%  0 B of 100.00 MB');
  expect(lines[10]).toBe('downloading CIFAR-10  100.0%  100.00 MB of 100.00 MB');
});

test('where the whole is not known, one line tells that it goes on', () => {
  const { context, stderr } = capturingContext();
  const onProgress = downloadProgress(context.stderr, undefined);
  for (const bytes of CHUNKS) onProgress(bytes, undefined);
  expect(stderr()).toBe('downloading CIFAR-10  0 B\n');
});

test('a live line shows every piece', () => {
  const updates: string[] = [];
  const live = { update: (parts: readonly string[]) => void updates.push(parts.join(' ')), clear: () => {} };
  const onProgress = downloadProgress(new PassThrough(), live);
  for (const bytes of CHUNKS) onProgress(bytes, 100_000_000);
  expect(updates).toHaveLength(CHUNKS.length);
  expect(updates[35]).toBe('downloading CIFAR-10 35.0% 35.00 MB of 100.00 MB');
});
