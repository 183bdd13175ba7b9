import { type FileHandle, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BY_NAME, HeldFiles, readWhole } from '../../src/checkpoint/file-access.ts';

let dir: string;
const path = (name: string | number) => join(dir, String(name));
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'file-access-'));
});
afterEach(() => rm(dir, { recursive: true }));

const isClosed = (file: FileHandle) => file.fd === -1;

it('a file that is opened by its name is closed again, also after an error', async () => {
  await writeFile(path('a'), 'a');
  const files: FileHandle[] = [];
  const text = await BY_NAME.use(path('a'), async (file) => {
    files.push(file);
    return (await readWhole(path('a'), file)).toString();
  });
  expect(text).toBe(String(Uint8Array.of(97)));
  const failing = BY_NAME.use(path('a'), async (file) => {
    files.push(file);
    throw new Error('mine');
  });
  await expect(failing).rejects.toThrow('mine');
  expect(files.map(isClosed)).toEqual([true, true]);
});

it('files are held once each, up to 64, and those beyond are opened by their names', async () => {
  const held = new HeldFiles();
  const names = Array.from({ length: 70 }, (_, index) => path(index));
  for (const name of names) await writeFile(name, name);
  expect(await held.hold(names[0]!)).toBe(true);
  const [first] = held.files.values();
  for (const name of names) expect(await held.hold(name)).toBe(true);
  expect([...held.files.keys()]).toEqual(names.slice(0, 64));
  expect(held.files.get(names[0]!)).toBe(first);

  await rm(names[0]!);
  for (const name of [names[0]!, names[69]!])
    expect(Buffer.from(await held.use(name, (file) => readWhole(name, file))).toString()).toBe(name);

  const files = [...held.files.values()];
  await held.close();
  expect(files.every(isClosed)).toBe(true);
});

it('a file that is not there is not held', async () => {
  const held = new HeldFiles();
  expect(await held.hold(path('missing'))).toBe(false);
  expect(held.files.size).toBe(0);
});
