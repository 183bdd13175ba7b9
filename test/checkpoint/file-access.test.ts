import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BY_NAME, HeldFiles } from '../../src/checkpoint/file-access.ts';
import type { RegularFile } from '../../src/regular-file.ts';

let dir: string;
const path = (name: string | number) => join(dir, String(name));
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'file-access-'));
});
afterEach(() => rm(dir, { recursive: true }));

const isClosed = (file: RegularFile) =>
  file.read(new Uint8Array(1), 0).then(
    () => false,
    () => true,
  );

it('a file that is opened by its name is closed again, also after an error', async () => {
  await writeFile(path('a'), 'a');
  const files: RegularFile[] = [];
  const text = await BY_NAME.use(path('a'), async (file) => {
    files.push(file);
    return (await file.readAll()).toString();
  });
  expect(text).toBe('a');
  const failing = BY_NAME.use(path('a'), async (file) => {
    files.push(file);
    throw new Error('mine');
  });
  await expect(failing).rejects.toThrow('mine');
  expect(await Promise.all(files.map(isClosed))).toEqual([true, true]);
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
    expect((await held.use(name, (file) => file.readAll())).toString()).toBe(name);

  const files = [...held.files.values()];
  await held.close();
  expect(await Promise.all(files.map(isClosed))).not.toContain(false);
});

it('a file that is not there is not held', async () => {
  const held = new HeldFiles();
  expect(await held.hold(path('missing'))).toBe(false);
  expect(held.files.size).toBe(0);
});
