import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type fs from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StagedFiles } from '../../src/staging/index.ts';

/** What the file system refuses, by the path that a call would give a name to. */
let refuse: (call: 'link' | 'rename', target: string) => string | undefined;
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const refusing =
    (call: 'link' | 'rename', act: (from: string, to: string) => void) => (from: string, to: string) => {
      const code = refuse(call, to);
      if (code) throw Object.assign(new Error(code), { code, errno: -5 });
      act(from, to);
    };
  const mocked = {
    ...real,
    linkSync: refusing('link', real.linkSync as (from: string, to: string) => void),
    renameSync: refusing('rename', real.renameSync as (from: string, to: string) => void),
  };
  return { ...mocked, default: mocked };
});

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'staged-'));
  refuse = () => undefined;
});
afterEach(() => rm(root, { recursive: true }));

const SET = ['x.pb', 'x.onnx', 'x_tfjs/model.json', 'x_tfjs/group1-shard1of1.bin'];
const filesOf = (text: string, names = SET) =>
  names.map((name) => ({ name, bytes: new TextEncoder().encode(`${text} ${name}`) }));
const write = async (text: string, overwrite: boolean, names = SET, folder = root) => {
  const staged = await StagedFiles.write(filesOf(text, names), { folder });
  try {
    await staged.commit({ overwrite });
  } finally {
    await staged.discard();
  }
};
/** Everything in a folder: the content of files, `undefined` for folders. */
const contents = async (folder = root) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [
      path.slice(folder.length + 1),
      entry.isFile() ? await readFile(path, 'utf8') : undefined,
    ] as const;
  });
  return Object.fromEntries(await Promise.all(found));
};
const whole = (text: string) => ({
  x_tfjs: undefined,
  ...Object.fromEntries(SET.map((name) => [name, `${text} ${name}`])),
});

describe.each([
  ['with hard links', () => undefined],
  ['without hard links', (call: string) => (call === 'link' ? 'EPERM' : undefined)],
])('%s, files', (_, refusal) => {
  beforeEach(() => {
    refuse = refusal;
  });

  it('have no name before they are committed, and can be read', async () => {
    const staged = await StagedFiles.write(filesOf('new'), { folder: join(root, 'a/b') });
    expect(Object.keys(await contents(join(root, 'a/b'))).filter((name) => !name.startsWith('.'))).toEqual(
      [],
    );
    expect(new TextDecoder().decode(await staged.read('x.onnx'))).toBe('new x.onnx');
    await staged.discard();
    expect(await contents()).toEqual({});
  });

  it('are all there, and nothing else, afterwards', async () => {
    await write('new', false);
    expect(await contents()).toEqual(whole('new'));
  });

  it('replace others on request', async () => {
    await write('old', false);
    await write('new', true);
    expect(await contents()).toEqual(whole('new'));
  });

  it.each(SET)('are not there at all where %s is another', async (taken) => {
    await write('old', false, [taken]);
    const before = await contents();
    await expect(write('new', false)).rejects.toThrow(`${join(root, taken)} exists already`);
    expect(await contents()).toEqual(before);
  });

  it.each(SET)('are all as they were where %s cannot be replaced', async (name) => {
    await write('old', false);
    refuse = (call, target) => (target === join(root, name) && call === 'rename' ? 'EIO' : refusal(call));
    // What is moved aside where there are no links must come back, by the rename that is refused once.
    let refused = 0;
    const once = refuse;
    refuse = (call, target) => {
      const code = once(call, target);
      return code === 'EIO' && refused++ > 0 ? undefined : code;
    };
    await expect(write('new', true)).rejects.toMatchObject({ code: 'file' });
    expect(await contents()).toEqual(whole('old'));
  });

  it.each(SET)('are all gone where %s cannot be written', async (name) => {
    refuse = (call, target) => (target === join(root, name) ? 'EIO' : refusal(call));
    await expect(write('new', false, SET, join(root))).rejects.toMatchObject({ code: 'file' });
    expect(await contents()).toEqual({});
  });
});

it('of those who write the same files at once, one gets all, whatever the order, and the others leave nothing', async () => {
  for (let round = 0; round < 20; round++) {
    const folder = join(root, String(round));
    const writers = ['a', 'b', 'c', 'd'];
    const results = await Promise.allSettled(
      writers.map((text, i) => write(text, false, i % 2 ? SET : SET.toReversed(), folder)),
    );
    const winners = writers.filter((_, i) => results[i]!.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(await contents(folder)).toEqual(whole(winners[0]!));
  }
});

it('a link that leads nowhere is something', async () => {
  await symlink(join(root, 'nowhere'), join(root, 'x.pb'));
  await expect(write('new', false)).rejects.toThrow('exists already');
  expect((await lstat(join(root, 'x.pb'))).isSymbolicLink()).toBe(true);
});

it('a folder is not replaced', async () => {
  await mkdir(join(root, 'x.pb'));
  await writeFile(join(root, 'x.pb', 'mine'), 'mine');
  await write('old', false, ['x.onnx']);
  const before = await contents();
  await expect(write('new', true)).rejects.toThrow('x.pb is a folder, expected a file to replace');
  expect(await contents()).toEqual(before);
});

it('an abort ends the staging and leaves nothing', async () => {
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(StagedFiles.write(filesOf('new'), { folder: join(root, 'a/b'), signal })).rejects.toThrow(
    'stopped',
  );
  expect(await contents()).toEqual({});
});

it('what a killed process has left is deleted by the next, what a living one works on is not', async () => {
  const module = pathToFileURL(join(import.meta.dirname, '../../src/staging/index.ts')).href;
  const script = `
    import { StagedFiles } from ${JSON.stringify(module)};
    await StagedFiles.write([{ name: 'x.pb', bytes: new Uint8Array(9) }], { folder: ${JSON.stringify(root)} });
    console.log('staged');
    setInterval(() => {}, 1000);`;
  const killed = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(killed.stdout, 'data');
  const living = await StagedFiles.write(filesOf('mine', ['y.pb']), { folder: root });
  await write('other', false, ['z.pb']);
  expect((await readdir(root)).filter((name) => name.startsWith('.'))).toHaveLength(2);

  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await write('new', false, ['x.pb']);
  expect((await readdir(root)).filter((name) => name.startsWith('.'))).toHaveLength(1);
  await living.commit({ overwrite: false });
  await living.discard();
  expect(await contents()).toEqual({ 'x.pb': 'new x.pb', 'y.pb': 'mine y.pb', 'z.pb': 'other z.pb' });
});
