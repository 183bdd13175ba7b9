import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { obtainBatchFiles } from '../../src/dataset/obtain.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';
import { file, serve, stallingAfter, status } from './server.ts';
import { cifarEntries, md5, tarball } from './tarball.ts';
import { temporaryFolder } from './temporary.ts';

const archive = tarball(cifarEntries());
const other = tarball(cifarEntries(1));

describe('obtainBatchFiles', () => {
  test('downloads, checks and unpacks what is missing, and leaves nothing else behind', async () => {
    const { url } = await serve(file(archive));
    const dataDir = join(await temporaryFolder(), 'new', 'data');
    const folder = await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect(folder).toBe(join(dataDir, 'cifar-10-batches-bin'));
    expect(await readdir(dataDir)).toEqual(['cifar-10-batches-bin']);
    expect((await readdir(folder)).length).toBe(7);
  });

  test('an address that ends in a slash is that of a folder', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/cifar-10-binary.tar.gz') file(archive)(request, response);
      else status(404)(request, response);
    });
    const mirror = url.replace(/[^/]*$/, '');
    await obtainBatchFiles(await temporaryFolder(), 'test', { url: mirror, md5: md5(archive) });
  });

  test('files that are there are used without asking anybody, and are not replaced', async () => {
    const { url, ranges } = await serve(file(archive));
    const dataDir = await temporaryFolder();
    const own = randomRecords(9, 77).bytes;
    await writeFile(join(dataDir, 'test_batch.bin'), own);
    expect(await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) })).toBe(dataDir);
    expect(ranges).toEqual([]);

    expect(await obtainBatchFiles(dataDir, 'train', { url, md5: md5(archive) })).toBe(dataDir);
    expect((await readdir(dataDir)).length).toBe(7);
    expect(Buffer.compare(await readFile(join(dataDir, 'test_batch.bin')), own)).toBe(0);
  });

  test('two at once download once: the second says that it waits, then finds the files', async () => {
    const { url, ranges } = await serve(file(archive));
    const dataDir = await temporaryFolder();
    const lines: string[] = [];
    const options = { url, md5: md5(archive), onWait: (line: string) => lines.push(line) };
    const folders = await Promise.all([1, 2].map(() => obtainBatchFiles(dataDir, 'test', options)));
    expect(folders[0]).toBe(folders[1]);
    expect(ranges).toEqual([undefined]);
    expect(lines).toEqual([
      `process ${process.pid} on ${hostname()} is putting CIFAR-10 into ${dataDir}: waiting for it`,
    ]);
    expect(await readdir(dataDir)).toEqual(['cifar-10-batches-bin']);
    expect((await readdir(folders[0]!)).length).toBe(7);
  });

  test('who waits can be stopped', async () => {
    const { url } = await serve(stallingAfter(100, archive));
    const dataDir = await temporaryFolder();
    const first = new AbortController();
    const second = new AbortController();
    const options = { url, md5: md5(archive) };
    let running: Promise<string> | undefined;
    await new Promise<void>((started) => {
      const firstOptions = { ...options, signal: first.signal, onProgress: () => started() };
      running = obtainBatchFiles(dataDir, 'test', firstOptions);
    });
    const waiting = obtainBatchFiles(dataDir, 'test', {
      ...options,
      signal: second.signal,
      onWait: () => second.abort(new Error('stopped')),
    });
    await expect(waiting).rejects.toThrow('stopped');
    first.abort(new Error('ended'));
    await expect(running).rejects.toThrow('ended');
  });

  test('what killed processes have left of unpacking is removed', async () => {
    const { url } = await serve(file(archive));
    const dataDir = await temporaryFolder();
    const left = join(dataDir, 'cifar-10-batches-bin', '.unpacking-Ab12Cd');
    await mkdir(left, { recursive: true });
    await writeFile(join(left, 'data_batch_1.bin'), 'a part');
    const folder = await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect((await readdir(folder)).filter((name) => !/\.(bin|txt)$/.test(name))).toEqual([]);
  });

  test('a download that was stopped is taken up', async () => {
    const { url, ranges } = await serve(file(archive));
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'cifar-10-binary.tar.gz.part'), archive.subarray(0, 999));
    await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect(ranges).toEqual(['bytes=999-']);
  });

  test('a download that was stopped and whose file has changed since is begun anew', async () => {
    const { url, ranges } = await serve(file(archive));
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'cifar-10-binary.tar.gz.part'), other.subarray(0, 999));
    const folder = await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect(ranges).toEqual(['bytes=999-', undefined]);
    expect((await readFile(join(folder, 'test_batch.bin'))).length).toBe(2 * 3073);
  });

  test('a complete download that was not unpacked needs no network', async () => {
    const { url, ranges } = await serve(status(500));
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'cifar-10-binary.tar.gz.part'), archive);
    await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect(ranges).toEqual([]);
  });

  test('an archive that the user put there is used and kept', async () => {
    const { url, ranges } = await serve(status(500));
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'cifar-10-binary.tar.gz'), archive);
    await obtainBatchFiles(dataDir, 'test', { url, md5: md5(archive) });
    expect(ranges).toEqual([]);
    expect((await readdir(dataDir)).sort()).toEqual(['cifar-10-batches-bin', 'cifar-10-binary.tar.gz']);
  });
});

describe('obtainBatchFiles refuses', () => {
  const failure = async (dataDir: string, options: { url: string; md5?: string }) => {
    const error = await obtainBatchFiles(dataDir, 'test', options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  };

  test('a file with another checksum, before it is unpacked; both are named', async () => {
    const { url, ranges } = await serve(file(other));
    const dataDir = await temporaryFolder();
    const { code, message } = await failure(dataDir, { url, md5: md5(archive) });
    expect(code).toBe('network');
    expect(message).toContain(`${url} has MD5 ${md5(other)}; expected ${md5(archive)}`);
    expect(ranges.length).toBe(1);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('by default everything but the published archive', async () => {
    const { url } = await serve(file(archive));
    const { message } = await failure(await temporaryFolder(), { url });
    expect(message).toContain('expected c32a1d4ab5d03f1284b67883e8d87530');
  });

  test("the user's own archive with another checksum, and keeps it", async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'cifar-10-binary.tar.gz'), other);
    const { code, message } = await failure(dataDir, { url: 'http://127.0.0.1:1/', md5: md5(archive) });
    expect(code).toBe('dataset');
    expect(message).toContain(`has MD5 ${md5(other)}; expected ${md5(archive)}`);
    expect(await readdir(dataDir)).toEqual(['cifar-10-binary.tar.gz']);
  });

  test('an archive that is larger than any, without reading it', async () => {
    const dataDir = await temporaryFolder();
    const path = join(dataDir, 'cifar-10-binary.tar.gz');
    await writeFile(path, archive);
    const options = { url: 'http://127.0.0.1:1/', maxBytes: archive.length - 1, md5: md5(archive) };
    const { code, message } = await failure(dataDir, options);
    expect({ code, message }).toEqual({
      code: 'dataset',
      message: `${path} has too many bytes to be CIFAR-10`,
    });
    expect(await readdir(dataDir)).toEqual(['cifar-10-binary.tar.gz']);
  });

  test('to go on without a network, and says what it missed where, and the ways out', async () => {
    const dataDir = await temporaryFolder();
    const { code, message, hint } = await failure(dataDir, { url: 'http://127.0.0.1:1/x.tar.gz' });
    expect(code).toBe('network');
    const looked = `${join(dataDir, 'cifar-10-batches-bin')} nor ${dataDir}`;
    expect(message).toMatch(
      `test_batch.bin not found in ${looked}; cannot download http://127.0.0.1:1/x.tar.gz: `,
    );
    expect(hint).toMatch(/--data_dir.*--data_url.*--dataset=synthetic/);
  });

  test.each(['cifar.tar.gz', 'file:///cifar.tar.gz', ''])('the address %j', async (url) => {
    const { code, message } = await failure(await temporaryFolder(), { url });
    expect(code).toBe('argument');
    expect(message).toContain('expected https://... or http://...');
  });

  test('a data_dir that is a file', async () => {
    const path = join(await temporaryFolder(), 'data');
    await writeFile(path, 'mine');
    await expect(obtainBatchFiles(path, 'test', { url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test('an archive with links, and places nothing', async () => {
    const link = {
      path: 'cifar-10-batches-bin/data_batch_1.bin',
      type: 'SymbolicLink' as const,
      linkpath: '/etc/passwd',
    };
    const harmful = tarball([link, ...cifarEntries()]);
    const { url } = await serve(file(harmful));
    const dataDir = await temporaryFolder();
    await mkdir(join(dataDir, 'cifar-10-batches-bin'));
    const { message } = await failure(dataDir, { url, md5: md5(harmful) });
    expect(message).toContain('data_batch_1.bin is a SymbolicLink');
    expect(await readdir(join(dataDir, 'cifar-10-batches-bin'))).toEqual([]);
  });
});
