import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { download } from '../../src/dataset/download.ts';
import { UserError } from '../../src/errors.ts';
import { randomRecords } from './pictures.ts';
import { file, serve, stallingAfter, status, withoutRanges } from './server.ts';
import { temporaryFolder } from './temporary.ts';

const content = Buffer.from(randomRecords(40).bytes);
const target = async () => join(await temporaryFolder(), 'file.part');

describe('a download', () => {
  test('brings the file and tells how far it is', async () => {
    const { url } = await serve(file(content));
    const path = await target();
    const progress: [number, number | undefined][] = [];
    await download(url, path, { onProgress: (bytes, total) => progress.push([bytes, total]) });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(progress[0]).toEqual([0, content.length]);
    expect(progress.at(-1)).toEqual([content.length, content.length]);
    expect(progress.map(([bytes]) => bytes)).toEqual(
      progress.map(([bytes]) => bytes).toSorted((a, b) => a - b),
    );
  });

  test('whose connection breaks goes on where it was, within the same call', async () => {
    const { url, ranges, disconnect } = await serve(
      stallingAfter(50_000, content),
      stallingAfter(20_000, content),
      file(content),
    );
    const breaks = [50_000, 70_000];
    const onProgress = (bytes: number) => {
      if (bytes !== breaks[0]) return;
      breaks.shift();
      disconnect();
    };
    const path = await target();
    await download(url, path, { onProgress });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual([undefined, 'bytes=50000-', 'bytes=70000-']);
  });

  test('goes on where an earlier run was stopped', async () => {
    const { url, ranges } = await serve(file(content));
    const path = await target();
    await writeFile(path, content.subarray(0, 1234));
    const progress: number[] = [];
    await download(url, path, { onProgress: (bytes) => progress.push(bytes) });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual(['bytes=1234-']);
    expect(progress[0]).toBe(1234);
  });

  test('begins anew where the server ignores ranges', async () => {
    const { url } = await serve(withoutRanges(content));
    const path = await target();
    await writeFile(path, 'something else');
    await download(url, path);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test('begins anew where the file on the server is shorter than what is here', async () => {
    const { url, ranges } = await serve(file(content));
    const path = await target();
    await writeFile(path, Buffer.concat([content, content]));
    await download(url, path);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual([`bytes=${2 * content.length}-`, undefined]);
  });

  test('begins anew where the server sends another range than asked for', async () => {
    const { url } = await serve((_, response) => {
      response
        .writeHead(206, { 'content-range': `bytes 0-9/${content.length}` })
        .end(content.subarray(0, 10));
    }, file(content));
    const path = await target();
    await writeFile(path, content.subarray(0, 50));
    await download(url, path);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test('that is complete already is left as it is', async () => {
    const { url, ranges } = await serve(file(content));
    const path = await target();
    await writeFile(path, content);
    await download(url, path);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual([`bytes=${content.length}-`]);
  });

  test('may take longer than the server may be silent', async () => {
    const { url, ranges } = await serve(async (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      for (let start = 0; start < content.length; start += 30_000) {
        await setTimeout(600);
        response.write(content.subarray(start, start + 30_000));
      }
      response.end();
    });
    const path = await target();
    await download(url, path, { stallTimeout: 2000 });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges.length).toBe(1);
  });
});

describe('a download that fails', () => {
  const failure = async (url: string, path: string, options = {}) => {
    const error = await download(url, path, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'network' });
    const { hint } = error as UserError;
    for (const wayOut of ['--data_dir', '--data_url', '--dataset=synthetic']) expect(hint).toContain(wayOut);
    return (error as UserError).message;
  };

  test('names the address and the status', async () => {
    const { url, ranges } = await serve(status(404));
    expect(await failure(url, await target())).toBe(
      `cannot download ${url}: the server answered 404 Not Found`,
    );
    expect(ranges.length).toBe(1);
  });

  test('names the cause where nobody listens', async () => {
    const url = 'http://127.0.0.1:1/file';
    expect(await failure(url, await target())).toMatch(/^cannot download http:\/\/127\.0\.0\.1:1\/file: .+/);
  });

  test('keeps what arrived and says so', async () => {
    const { url, disconnect } = await serve(stallingAfter(5000, content), status(503));
    const path = await target();
    const onProgress = (bytes: number) => {
      if (bytes === 5000) disconnect();
    };
    expect(await failure(url, path, { onProgress })).toContain('503');
    expect(Buffer.compare(await readFile(path), content.subarray(0, 5000))).toBe(0);

    const refusing = await serve((_, response) => response.destroy());
    expect(await failure(refusing.url, path)).toContain(
      '(5000 bytes are kept, the next run goes on from there)',
    );
    expect((await readFile(path)).length).toBe(5000);
  });

  test('does not wait for a server that is silent', async () => {
    const { url } = await serve(() => {});
    const message = await failure(url, await target(), { stallTimeout: 40 });
    expect(message).toBe(`cannot download ${url}: nothing arrived for 0.04 seconds`);
  });

  test('asks again where a server falls silent on the way', async () => {
    const { url, ranges } = await serve(stallingAfter(50_000, content), file(content));
    const path = await target();
    await download(url, path, { stallTimeout: 1000 });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual([undefined, 'bytes=50000-']);
  });

  test("stops with the signal's reason and keeps what arrived", async () => {
    const { url } = await serve(stallingAfter(5000, content));
    const path = await target();
    const controller = new AbortController();
    const onProgress = (bytes: number) => {
      if (bytes === 5000) controller.abort(new Error('interrupted'));
    };
    await expect(download(url, path, { signal: controller.signal, onProgress })).rejects.toThrow(
      'interrupted',
    );
    expect((await readFile(path)).length).toBe(5000);
  });
});
