import { existsSync } from 'node:fs';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type DownloadOptions, download } from '../../src/dataset/download.ts';
import { UserError } from '../../src/errors.ts';
import { makeFifo } from '../fifo.ts';
import { type Behaviour, type FileServer, file, serve, stallingAfter } from './server.ts';
import { temporaryFolder } from './temporary.ts';

const CHUNK = Buffer.alloc(64 * 1024, 1);
const content = Buffer.alloc(300_000, 'content');
const target = async () => join(await temporaryFolder(), 'file.part');

async function failure(url: string, path: string, options: DownloadOptions = {}): Promise<string> {
  const error = await download(url, path, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).code).toBe('network');
  return (error as UserError).message;
}

/** Sends as long as somebody reads. */
const endless =
  (status: number, headers: Record<string, string>, sent: { bytes: number }): Behaviour =>
  async (_, response) => {
    response.writeHead(status, headers);
    while (!response.destroyed) {
      sent.bytes += CHUNK.length;
      if (response.write(CHUNK)) await setImmediate();
      else await Promise.race([new Promise((drained) => response.once('drain', drained)), setTimeout(50)]);
    }
  };

describe('a server that sends too much is left', () => {
  test('at the limit where it does not tell how much there is', async () => {
    const sent = { bytes: 0 };
    const { url, ranges } = await serve(endless(200, {}, sent));
    const path = await target();
    const largest: number[] = [];
    const message = await failure(url, path, {
      maxBytes: 1_000_000,
      onProgress: (bytes) => largest.push(bytes),
    });
    expect(message).toContain('the server sends more than 1000000 bytes');
    expect(Math.max(...largest)).toBeLessThanOrEqual(1_000_000);
    // What the system buffers on its way is beyond our control.
    expect(sent.bytes).toBeLessThan(20_000_000);
    expect(ranges.length).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  test('at the end that it has told', async () => {
    const headers = { 'content-range': 'bytes 100-499/500' };
    const { url } = await serve(endless(206, headers, { bytes: 0 }));
    const path = await target();
    await writeFile(path, content.subarray(0, 100));
    expect(await failure(url, path)).toContain(
      'the server sends more than 500 bytes, the size that it announced',
    );
    expect(existsSync(path)).toBe(false);
  });

  test('before anything is read where it tells', async () => {
    const sent = { bytes: 0 };
    const { url } = await serve(endless(200, { 'content-length': '13600000000' }, sent));
    const path = await target();
    expect(await failure(url, path)).toContain(
      'the server offers 13600000000 bytes, expected at most 200000000',
    );
    expect(existsSync(path)).toBe(false);
  });

  test('before anything is decoded where it compresses', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    });
    const path = await target();
    expect(await failure(url, path)).toContain('content-encoding gzip, expected none');
    expect(existsSync(path)).toBe(false);
  });
});

test('what an earlier run has left beyond the limit is begun anew', async () => {
  const { url, ranges } = await serve(file(content));
  const path = await target();
  await writeFile(path, '');
  await truncate(path, 2 ** 34);
  await download(url, path);
  expect(ranges).toEqual([undefined]);
  expect(Buffer.compare(await readFile(path), content)).toBe(0);
});

describe('a server that keeps us waiting is left', () => {
  test('where it sends byte by byte', async () => {
    const { url, ranges } = await serve(async (request, response) => {
      response.writeHead(200);
      while (!request.destroyed) {
        response.write('a');
        await setTimeout(5);
      }
    });
    const message = await failure(url, await target(), { stallTimeout: 100 });
    expect(message).toMatch(/only \d+ bytes arrived for 0\.1 seconds/);
    expect(ranges.length).toBeLessThanOrEqual(10);
  });

  test('where it never ends its headers', async () => {
    const { url } = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failure(url, await target(), { stallTimeout: 100 })).toContain(
      'nothing arrived for 0.1 seconds',
    );
  });

  /** Breaks the connection whenever something has arrived. */
  const breaking = (server: FileServer) => {
    let last = 0;
    return (bytes: number) => {
      if (bytes > last) server.disconnect();
      last = bytes;
    };
  };

  test('where each attempt brings one byte', async () => {
    const server = await serve(stallingAfter(1, content));
    const path = await target();
    const message = await failure(server.url, path, { onProgress: breaking(server) });
    expect(message).toContain('(10 bytes are kept, the next run goes on from there)');
    expect(server.ranges.length).toBe(10);
    expect((await stat(path)).size).toBe(10);
  });

  test('where each attempt begins anew and breaks a little later', async () => {
    let attempt = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, ++attempt));
    });
    await failure(server.url, await target(), { onProgress: breaking(server) });
    expect(server.ranges.length).toBe(10);
  });

  test('where it redirects for ever', async () => {
    const { url, ranges } = await serve((_, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    expect(await failure(url, await target())).toContain('redirect count exceeded');
    expect(ranges.length).toBeLessThan(30);
  });
});

test('a redirect to another protocol is refused', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' }).end();
  });
  const path = await target();
  expect(await failure(url, path)).toMatch(/^cannot download http:\/\/127[^ ]+: .*scheme/);
  expect(existsSync(path)).toBe(false);
});

describe('user name and password of an address', () => {
  const asked: IncomingMessage['headers'][] = [];
  const withPassword = (url: string) => url.replace('http://', 'http://us%40er:sec%3Aret@');

  test('are sent to its server', async () => {
    const answer = file(content);
    const { url } = await serve((request, response) => {
      asked.push(request.headers);
      answer(request, response);
    });
    const path = await target();
    await download(withPassword(url), path);
    const expected = `Basic ${Buffer.from('us@er:sec:ret').toString('base64')}`;
    expect(asked.map(({ authorization }) => authorization)).toEqual([expected]);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test.each<[string, Behaviour]>([
    ['an error of its server', (_, response) => void response.writeHead(401).end()],
    ['a break', (_, response) => void response.destroy()],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: 'http://me:sec%3Aret@127.0.0.1:1/' }).end(),
    ],
    [
      'a bad redirect',
      (_, response) => void response.writeHead(302, { location: 'http://me:sec%3Aret@[' }).end(),
    ],
    ['too much', (_, response) => void response.writeHead(200, { 'content-length': 2 ** 40 }).end()],
  ])('are not shown after %s', async (_, behaviour) => {
    const { url } = await serve(behaviour);
    const message = await failure(withPassword(url), await target());
    expect(message).toContain(`cannot download ${url}: `);
    expect(message).not.toMatch(/sec%3Aret|sec:ret|us%40er|us@er/);
  });
});

test("a server's words are shown on one line, and not all of them", async () => {
  const { url } = await serve(({ socket }) => {
    socket.end(`HTTP/1.1 503 ${'\u0085evil '.repeat(1000)}\r\ncontent-length: 0\r\n\r\n`);
  });
  const message = await failure(url, await target());
  expect(message).toContain('503');
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThan(500);
});

test('a pipe in the place of the file is refused', async () => {
  const { url } = await serve(file(content));
  const path = await target();
  makeFifo(path);
  await expect(download(url, path)).rejects.toMatchObject({
    code: 'file',
    message: `cannot write ${path}: it exists and is not a regular file`,
  });
});
