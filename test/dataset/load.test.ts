import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeBatchFiles } from '../../src/dataset/batch-files.ts';
import { classNames, loadDataset, loadSplit } from '../../src/dataset/load.ts';
import { syntheticRecords } from '../../src/dataset/synthetic/synthetic.ts';
import { randomRecords } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

describe('cifar10', () => {
  test('comes from the files, training records in the order of the five files', async () => {
    const dataDir = await temporaryFolder();
    const [train, test] = [randomRecords(11), randomRecords(4, 2)];
    await writeBatchFiles(join(dataDir, 'cifar-10-batches-bin'), { train, test });
    const dataset = await loadDataset({ name: 'cifar10', dataDir });
    expect(Buffer.compare(dataset.train.bytes, train.bytes)).toBe(0);
    expect(Buffer.compare(dataset.test.bytes, test.bytes)).toBe(0);
    expect(dataset.classNames.slice(0, 4)).toEqual(['airplane', 'automobile', 'bird', 'cat']);
  });

  test('one split needs only its own files', async () => {
    const dataDir = await temporaryFolder();
    const records = randomRecords(4);
    await writeFile(join(dataDir, 'test_batch.bin'), records.bytes);
    const loaded = await loadSplit('test', { name: 'cifar10', dataDir });
    expect(Buffer.compare(loaded.bytes, records.bytes)).toBe(0);
  });
});

describe('synthetic', () => {
  test('is drawn, with counts and seed as asked for', async () => {
    const options = { name: 'synthetic', counts: { train: 30, test: 10 }, seed: 5 } as const;
    const { train, test, classNames: names } = await loadDataset(options);
    expect([train.count, test.count]).toEqual([30, 10]);
    expect(Buffer.compare(test.bytes, syntheticRecords('test', 10, 5).bytes)).toBe(0);
    expect(names).toBe(classNames('synthetic'));
    expect(names).toContain('checkerboard');
  });

  test('is the same set unless a seed is given, of 2,000 test records', async () => {
    const test = await loadSplit('test', { name: 'synthetic' });
    expect(test.count).toBe(2000);
    expect(Buffer.compare(test.slice(0, 10).bytes, syntheticRecords('test', 10, 0).bytes)).toBe(0);
  });

  test('written as batch files it is read as CIFAR-10 is', async () => {
    const dataDir = await temporaryFolder();
    const [train, test] = [syntheticRecords('train', 20), syntheticRecords('test', 10)];
    await writeBatchFiles(dataDir, { train, test });
    const read = await loadDataset({ name: 'cifar10', dataDir });
    expect(Buffer.compare(read.train.bytes, train.bytes)).toBe(0);
  });
});
