import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Behaviour, serve, stallingAfter } from '../dataset/server.ts';
import { expectRefusal, run, start } from './command.ts';
import { newFolder } from './folder.ts';

/** What the real archive has. */
const ARCHIVE_BYTES = 170_498_071;
const MEMORY = 2 ** 29;
const ZEROS = Buffer.alloc(2 ** 20);

/** Sends for as long as anyone listens. */
function pour(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(ZEROS));
  };
  response.on('drain', more);
  more();
}

const bomb = gzipSync(Buffer.alloc(2 ** 28));

const HOSTILE: Readonly<Record<string, Behaviour>> = {
  'a body without an end': (_, response) => pour(response.writeHead(200)),
  'a body longer than announced by far': (_, response) =>
    pour(response.writeHead(200, { 'transfer-encoding': 'chunked', 'x-length': '5' })),
  'an absurd length': (_, response) => {
    response.writeHead(200, { 'content-length': '9007199254740993' });
    pour(response);
  },
  'a gzip bomb': (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const more = () => {
      while (!response.destroyed && response.write(bomb));
    };
    response.on('drain', more);
    more();
  },
  'a body that is shorter than announced': (_, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('short');
    setTimeout(() => response.destroy(), 50);
  },
  'nothing but a reset': (request) => void request.socket.resetAndDestroy(),
  'a reset amid the body': (request, response) => {
    response.writeHead(200, { 'content-length': '2000000' }).write(ZEROS);
    setTimeout(() => request.socket.resetAndDestroy(), 50);
  },
  'what is no HTTP': (request) => void request.socket.end('\u001b[31mhello\r\n\r\n'),
  'redirects in a circle': (request, response) =>
    void response.writeHead(302, { location: request.url! }).end(),
  'a redirect to nowhere': (_, response) =>
    void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  'a part that was not asked for': (request, response) => {
    const range = request.headers.range === undefined ? 'bytes 5-9/10' : 'bytes 0-4/10';
    response.writeHead(206, { 'content-range': range }).end('12345');
  },
  'a part of a file whose length changes': (request, response) => {
    const total = 100 + Math.floor(Math.random() * 1e6);
    if (request.headers.range === undefined)
      response.writeHead(200, { 'content-length': total }).write('first');
    else response.writeHead(206, { 'content-range': `bytes 5-9/${total}` }).write('again');
    setTimeout(() => response.destroy(), 50);
  },
  'a refusal with control characters': (_, response) =>
    void response.writeHead(500, 'Bad \t day').end('\u001b[2J\u0007'),
  'an empty body': (_, response) => void response.writeHead(200).end(),
  'no content': (_, response) => void response.writeHead(204).end(),
  'a page instead of the archive': (_, response) => void response.end('<html>log in first</html>'),
};

describe('a download ends in one line, with little written, from a server that sends', () => {
  test.each(Object.keys(HOSTILE))('%s', async (name) => {
    const server = await serve(HOSTILE[name]!);
    const dir = await newFolder();
    // Twice: the second time finds what the first has kept.
    for (const _ of [1, 2]) {
      const ended = await run(downloadArgs(dir, withPassword(server.url)));
      expectRefusal(ended);
      expect(ended.stdout + ended.stderr).not.toContain('swordfish');
      expect(ended.peakBytes).toBeLessThan(MEMORY);
      for (const file of await readdir(dir))
        expect((await stat(join(dir, file))).size, file).toBeLessThanOrEqual(ARCHIVE_BYTES + ZEROS.length);
    }
  });
});

test('a download from a server that falls silent can be stopped, and goes on from there', async () => {
  const server = await serve(stallingAfter(1000, Buffer.alloc(5000)));
  const dir = await newFolder();
  for (const arrived of [1000, 2000]) {
    const downloading = start(downloadArgs(dir, server.url));
    await atLeast(join(dir, 'cifar-10-binary.tar.gz.part'), arrived);
    downloading.child.kill('SIGINT');
    expect(await downloading.ended).toMatchObject({ code: 130 });
  }
  expect(server.ranges).toEqual([undefined, 'bytes=1000-']);
});

test('nobody but the server that was named learns the password', async () => {
  const asked: IncomingMessage[] = [];
  const other = createServer((request, response) => {
    asked.push(request);
    response.end('x');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const server = await serve((_, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
  });
  const ended = await run(downloadArgs(await newFolder(), withPassword(server.url)));
  expectRefusal(ended);
  expect(ended.stdout + ended.stderr).not.toContain('swordfish');
  for (const { headers } of asked) expect(headers.authorization).toBeUndefined();
});

const downloadArgs = (dir: string, url: string) => [
  'train',
  `--train_dir=${join(dir, 'run')}`,
  `--data_dir=${dir}`,
  `--data_url=${url}`,
  '--threads=1',
];

const withPassword = (url: string) => url.replace('http://', 'http://me:swordfish@');

async function atLeast(path: string, bytes: number): Promise<void> {
  for (;;) {
    const found = await stat(path).catch(() => undefined);
    if (found && found.size >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
