import { mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.ts';
import { RegularFile, readRegularFile, UnreadableFile } from '../src/regular-file.ts';
import { makeFifo } from './fifo.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regular-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function refusal(path: string, maxBytes?: number): Promise<UnreadableFile> {
  const error = await readRegularFile(path, maxBytes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreadableFile);
  expect(error).toBeInstanceOf(UserError);
  return error as UnreadableFile;
}

describe('what is no regular file is refused before it is opened:', () => {
  test('a named pipe, also behind a link', async () => {
    const pipe = join(folder, 'pipe');
    makeFifo(pipe);
    await symlink(pipe, join(folder, 'link'));
    expect((await refusal(pipe)).message).toBe(
      `cannot read ${pipe}: it is a named pipe, expected a regular file`,
    );
    expect((await refusal(join(folder, 'link'))).reason).toBe('it is a named pipe, expected a regular file');
  });

  test('a device, which has no end', async () => {
    expect((await refusal('/dev/zero')).reason).toBe('it is a device, expected a regular file');
  });

  test('a socket', async () => {
    const server = createServer().listen(join(folder, 'socket'));
    expect((await refusal(join(folder, 'socket'))).reason).toBe('it is a socket, expected a regular file');
    await new Promise((closed) => server.close(closed));
  });

  test('a folder', async () => {
    expect((await refusal(folder)).reason).toBe('it is a folder, expected a file');
  });
});

test('a file that is missing says so', async () => {
  const error = await refusal(join(folder, 'none'));
  expect(error).toMatchObject({ code: 'file', reason: 'there is no such file', isMissing: true });
});

test('a folder in the path that is a file makes it a missing one', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await refusal(join(folder, 'file', 'x'))).toMatchObject({ isMissing: true });
});

describe('no more than the limit is read', () => {
  test('of a file that is longer', async () => {
    const path = join(folder, 'long');
    await writeFile(path, '');
    await truncate(path, 2 ** 40);
    expect((await refusal(path)).reason).toBe('it has 1099511627776 bytes, expected at most 2147483647');
    expect((await refusal(path, 10)).reason).toBe('it has 1099511627776 bytes, expected at most 10');
  });

  test('of a file that has as many or one more', async () => {
    const path = join(folder, 'edge');
    await writeFile(path, 'abc');
    expect((await readRegularFile(path, 3)).toString()).toBe('abc');
    expect((await refusal(path, 2)).reason).toBe('it has 3 bytes, expected at most 2');
  });

  test.runIf(process.platform === 'linux')('of a file that does not say how long it is', async () => {
    const whole = await readFile('/proc/self/maps');
    expect(whole.length).toBeGreaterThan(1000);
    expect((await readRegularFile('/proc/self/maps')).length).toBeGreaterThan(1000);
    expect((await refusal('/proc/self/maps', 1000)).reason).toBe(
      'it has more than 1000 bytes, expected at most 1000',
    );
  });
});

test('a file is read whole, whatever its length', async () => {
  const path = join(folder, 'file');
  for (const length of [0, 1, 2 ** 20, 2 ** 20 + 1, 5_000_000]) {
    const bytes = Buffer.alloc(length, 'some text');
    await writeFile(path, bytes);
    expect(Buffer.compare(await readRegularFile(path), bytes), `${length}`).toBe(0);
    const file = await RegularFile.open(path);
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.chunks()) chunks.push(chunk);
    expect(Buffer.compare(Buffer.concat(chunks), bytes), `${length}`).toBe(0);
    await file.close();
  }
});

test('a part of a file is read, and less where the file ends', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'abcdef');
  const file = await RegularFile.open(path);
  const into = new Uint8Array(4);
  expect(await file.read(into, 1)).toBe(4);
  expect(Buffer.from(into).toString()).toBe('bcde');
  expect(await file.read(into, 4)).toBe(2);
  expect(file.size).toBe(6);
  await file.close();
});
