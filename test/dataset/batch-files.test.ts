import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  BATCH_FILES,
  locateBatchFiles,
  readBatchFiles,
  writeBatchFiles,
} from '../../src/dataset/batch-files.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

describe('locateBatchFiles', () => {
  test('finds the files in the folder itself and in cifar-10-batches-bin below it', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'cifar-10-batches-bin');
    await mkdir(folder);
    await writeFile(join(folder, 'test_batch.bin'), '');
    for (const dataDir of [parent, folder]) {
      expect(await locateBatchFiles(dataDir, 'test')).toMatchObject({ folder, missing: [] });
    }
  });

  test('finds them in a folder of any name', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'test_batch.bin'), '');
    expect(await locateBatchFiles(folder, 'test')).toMatchObject({ folder, missing: [] });
  });

  test('prefers the folder that holds the split to one that holds the other', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'cifar-10-batches-bin');
    await mkdir(folder);
    await writeFile(join(parent, 'test_batch.bin'), '');
    expect((await locateBatchFiles(parent, 'test')).folder).toBe(parent);
    expect((await locateBatchFiles(parent, 'train')).folder).toBe(parent);
    await writeFile(join(folder, 'data_batch_1.bin'), '');
    expect((await locateBatchFiles(parent, 'test')).folder).toBe(parent);
    expect((await locateBatchFiles(parent, 'train')).folder).toBe(folder);
  });

  test('where there are none, says where they belong and where it looked', async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'cifar-10-batches-bin');
    expect(await locateBatchFiles(parent, 'train')).toEqual({
      folder,
      missing: [
        'data_batch_1.bin',
        'data_batch_2.bin',
        'data_batch_3.bin',
        'data_batch_4.bin',
        'data_batch_5.bin',
      ],
      looked: [folder, parent],
    });
    expect(await locateBatchFiles(folder, 'test')).toMatchObject({ folder, missing: ['test_batch.bin'] });
    expect(await readdir(parent)).toEqual([]);
  });
});

describe('readBatchFiles', () => {
  test('reads file after file into one piece of shared memory', async () => {
    const folder = await temporaryFolder();
    const [three, two] = [randomRecords(3, 1), randomRecords(2, 2)];
    await writeFile(join(folder, 'a.bin'), three.bytes);
    await writeFile(join(folder, 'b.bin'), two.bytes);
    const records = await readBatchFiles(folder, ['a.bin', 'b.bin']);
    expect(records.count).toBe(5);
    expect(records.planes(2)).toEqual(three.planes(2));
    expect(records.planes(4)).toEqual(two.planes(1));
    expect(records.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test.each([
    ['truncated', 2 * 3073 - 1, 'record 1 at byte 3073 has only 3072 of 3073 bytes'],
    ['not whole records', 2 * 3073 + 1, 'record 2 at byte 6146 has only 1 of 3073 bytes'],
    [
      'oversized',
      10_001 * 3073,
      'has 30733073 bytes; expected 1 to 10000 records of 3073 bytes, at most 30730000',
    ],
    ['empty', 0, 'has 0 bytes; expected 1 to 10000 records'],
  ])('a file that is %s is refused by name', async (_, size, problem) => {
    const path = join(await temporaryFolder(), 'data_batch_2.bin');
    await writeFile(path, new Uint8Array(size));
    const failure = await readBatchFiles(join(path, '..'), ['data_batch_2.bin']).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UserError);
    expect(failure).toMatchObject({
      code: 'dataset',
      hint: expect.stringMatching(/move (it|the file) away, so that it is downloaded again/i),
    });
    expect((failure as UserError).message).toMatch(new RegExp(`^${path}`));
    expect((failure as UserError).message).toContain(problem);
  });

  test('a label of 10 is refused with file, record and byte of that file', async () => {
    const folder = await temporaryFolder();
    const bytes = randomRecords(3).bytes.slice();
    await writeFile(join(folder, 'a.bin'), bytes);
    bytes[2 * 3073] = 10;
    await writeFile(join(folder, 'b.bin'), bytes);
    await expect(readBatchFiles(folder, ['a.bin', 'b.bin'])).rejects.toThrow(
      `${join(folder, 'b.bin')}: record 2 at byte 6146 has label 10; expected 0 to 9`,
    );
  });

  test('a folder of that name is refused', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a.bin'));
    await expect(readBatchFiles(folder, ['a.bin'])).rejects.toThrow('a.bin: it is a folder, expected a file');
  });
});

describe('writeBatchFiles', () => {
  test('spreads the training records over five files that read back as they were', async () => {
    const folder = join(await temporaryFolder(), 'new', 'cifar-10-batches-bin');
    const [train, test] = [randomRecords(12), randomRecords(3, 2)];
    await writeBatchFiles(folder, { train, test });
    expect((await readdir(folder)).sort()).toEqual([...BATCH_FILES.train, 'test_batch.bin']);
    expect((await readFile(join(folder, 'data_batch_5.bin'))).length).toBe(3 * 3073);
    expect(Buffer.compare((await readBatchFiles(folder, BATCH_FILES.train)).bytes, train.bytes)).toBe(0);
    expect(Buffer.compare((await readBatchFiles(folder, BATCH_FILES.test)).bytes, test.bytes)).toBe(0);
  });

  test('replaces nothing', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data_batch_3.bin'), 'mine');
    const records = randomRecords(5);
    await expect(writeBatchFiles(folder, { train: records, test: records })).rejects.toThrow(
      'data_batch_3.bin exists already',
    );
    expect(await readdir(folder)).toEqual(['data_batch_3.bin']);
    expect(await readFile(join(folder, 'data_batch_3.bin'), 'utf8')).toBe('mine');
  });

  test('a split too small for its files is refused', async () => {
    const folder = await temporaryFolder();
    const records = randomRecords(4);
    await expect(writeBatchFiles(folder, { train: records, test: records })).rejects.toThrow(
      'the train split has 4 records; expected 5 to 50000',
    );
  });
});
