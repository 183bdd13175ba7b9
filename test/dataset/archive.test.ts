import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpack } from '../../src/dataset/archive.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';
import { cifarEntries, type Entry, tarball } from './tarball.ts';
import { temporaryFolder } from './temporary.ts';

const NAMES = [
  'batches.meta.txt',
  'data_batch_1.bin',
  'data_batch_2.bin',
  'data_batch_3.bin',
  'data_batch_4.bin',
  'data_batch_5.bin',
  'test_batch.bin',
];

async function unpackEntries(entries: readonly Entry[]) {
  const parent = await temporaryFolder();
  const archive = join(parent, 'archive.tar.gz');
  await writeFile(archive, tarball(entries));
  const folder = join(parent, 'data', 'cifar-10-batches-bin');
  const failure = await unpack(archive, folder).catch((error: unknown) => error);
  return { parent, folder, failure };
}

test('the known files are unpacked and nothing else', async () => {
  const { folder, failure } = await unpackEntries(cifarEntries());
  expect(failure).toBeUndefined();
  expect((await readdir(folder)).sort()).toEqual(NAMES);
  expect(Buffer.compare(await readFile(join(folder, 'data_batch_3.bin')), randomRecords(2, 2).bytes)).toBe(0);
});

test('files that are there stay as they are', async () => {
  const parent = await temporaryFolder();
  const folder = join(parent, 'cifar-10-batches-bin');
  await mkdir(folder);
  await writeFile(join(folder, 'data_batch_1.bin'), 'mine');
  await symlink('/nowhere', join(folder, 'data_batch_2.bin'));
  await writeFile(join(parent, 'archive.tar.gz'), tarball(cifarEntries()));
  await unpack(join(parent, 'archive.tar.gz'), folder);
  expect((await readdir(folder)).sort()).toEqual(NAMES);
  expect(await readFile(join(folder, 'data_batch_1.bin'), 'utf8')).toBe('mine');
  await expect(readFile(join(folder, 'data_batch_2.bin'))).rejects.toThrow('ENOENT');
});

describe('an archive is refused as a whole when', () => {
  const folder = 'cifar-10-batches-bin';
  const content = Buffer.from('evil');
  const cases: [string, Entry, string][] = [
    ['a path climbs out', { path: '../evil.txt', content }, '../evil.txt leads out of its folder'],
    [
      'a path climbs out from below',
      { path: `${folder}/../../evil.txt`, content },
      'leads out of its folder',
    ],
    ['a path is absolute', { path: '/tmp/evil.txt', content }, '/tmp/evil.txt leads out of its folder'],
    [
      'a known file is a symbolic link',
      { path: `${folder}/test_batch.bin`, type: 'SymbolicLink', linkpath: '/etc/passwd' },
      'test_batch.bin is a SymbolicLink; expected files and folders',
    ],
    [
      'its folder is a symbolic link',
      { path: folder, type: 'SymbolicLink', linkpath: '/tmp' },
      'cifar-10-batches-bin is a SymbolicLink',
    ],
    ['there is a hard link', { path: `${folder}/x`, type: 'Link', linkpath: '/etc/passwd' }, 'x is a Link'],
    ['there is a device', { path: `${folder}/x`, type: 'CharacterDevice' }, 'x is a CharacterDevice'],
    [
      'a file is too large',
      { path: `${folder}/huge.txt`, content: Buffer.alloc(30_730_001) },
      'huge.txt has 30730001 bytes; expected at most 30730000',
    ],
  ];

  test.each(cases)('%s', async (_, entry, problem) => {
    const { parent, folder: target, failure } = await unpackEntries([entry, ...cifarEntries()]);
    expect(failure).toBeInstanceOf(UserError);
    expect(failure).toMatchObject({ code: 'dataset', message: expect.stringContaining(problem) });
    expect(await readdir(target)).toEqual([]);
    expect((await readdir(parent)).sort()).toEqual(['archive.tar.gz', 'data']);
  });
});

describe('nothing is placed of an archive', () => {
  const failureOf = async (entries: readonly Entry[]) => {
    const { folder, failure } = await unpackEntries(entries);
    expect(failure).toBeInstanceOf(UserError);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    return (failure as UserError).message;
  };

  test('that lacks a file', async () => {
    const entries = cifarEntries().filter(({ path }) => !path.endsWith('data_batch_1.bin'));
    expect(await failureOf(entries)).toMatch(/has no cifar-10-batches-bin\/data_batch_1\.bin$/);
  });

  test('whose file is not records', async () => {
    const entries = cifarEntries().map((entry) =>
      entry.path.endsWith('data_batch_1.bin') ? { ...entry, content: new Uint8Array(3072) } : entry,
    );
    expect(await failureOf(entries)).toContain('record 0 at byte 0 has only 3072 of 3073 bytes');
  });

  test('that is no archive', async () => {
    const parent = await temporaryFolder();
    await writeFile(join(parent, 'page.html'), '<html>Sign in to use this network</html>');
    await expect(unpack(join(parent, 'page.html'), join(parent, 'data'))).rejects.toThrow(
      /^cannot unpack .*page\.html: /,
    );
    expect(await readdir(join(parent, 'data'))).toEqual([]);
  });

  test('that is cut short', async () => {
    const parent = await temporaryFolder();
    const whole = tarball(cifarEntries());
    await writeFile(join(parent, 'cut.tar.gz'), whole.subarray(0, whole.length / 2));
    await expect(unpack(join(parent, 'cut.tar.gz'), join(parent, 'data'))).rejects.toThrow(UserError);
    expect(await readdir(join(parent, 'data'))).toEqual([]);
  });
});
