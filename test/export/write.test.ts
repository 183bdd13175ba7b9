import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EXPORT_FORMATS, removeLeftParts, writeExport } from '../../src/export/index.ts';
import { graphDef, node } from '../../src/graph/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'export-'));
});
afterEach(() => rm(root, { recursive: true }));

const file = (name: string, text: string) => ({ name, bytes: new TextEncoder().encode(text) });

it('pb is one binary GraphDef', () => {
  const graph = graphDef([node('a', 'NoOp', [])]);
  const [written, ...others] = EXPORT_FORMATS.pb.encode(graph, {
    filename: 'frozen.pb',
    weightFormat: 'dense',
  });
  expect(others).toEqual([]);
  expect(written?.name).toBe('frozen.pb');
  // Field 1 (node) of 9 bytes: field 1 (name) "a", field 2 (op) "NoOp"; field 4 (versions): field 1 (producer) 38.
  expect([...written!.bytes]).toEqual([0x0a, 9, 0x0a, 1, 97, 0x12, 4, 78, 111, 79, 112, 0x22, 2, 8, 38]);
  expect(fromBinary(GraphDefSchema, written!.bytes)).toEqual(graph);
});

it('makes folders and leaves nothing but the files', async () => {
  const folder = join(root, 'a/b');
  const written = await writeExport([file('x.pb', 'one'), file('y.bin', 'three')], {
    folder,
    overwrite: false,
  });
  expect(written).toEqual([
    { path: join(folder, 'x.pb'), bytes: 3 },
    { path: join(folder, 'y.bin'), bytes: 5 },
  ]);
  expect((await readdir(folder)).sort()).toEqual(['x.pb', 'y.bin']);
  expect(await readFile(join(folder, 'y.bin'), 'utf8')).toBe('three');
});

it('writes nothing at all if one of the files exists', async () => {
  await writeFile(join(root, 'y.bin'), 'mine');
  const files = [file('x.pb', 'one'), file('y.bin', 'three')];
  await expect(writeExport(files, { folder: root, overwrite: false })).rejects.toMatchObject({
    code: 'file',
    message: `${join(root, 'y.bin')} exists already`,
    hint: expect.stringContaining('--overwrite'),
  });
  expect(await readdir(root)).toEqual(['y.bin']);
  expect(await readFile(join(root, 'y.bin'), 'utf8')).toBe('mine');
});

it('replaces on request', async () => {
  await writeFile(join(root, 'x.pb'), 'old');
  await writeExport([file('x.pb', 'new')], { folder: root, overwrite: true });
  expect(await readFile(join(root, 'x.pb'), 'utf8')).toBe('new');
});

it('leaves no half file where writing fails', async () => {
  await writeFile(join(root, 'file'), '');
  const options = { folder: join(root, 'file'), overwrite: true };
  await expect(writeExport([file('x.pb', 'one')], options)).rejects.toThrow('cannot make the folder');
  expect(await readdir(root)).toEqual(['file']);
});

it('deletes the parts that an earlier export has left, and nothing else', async () => {
  const folder = join(root, 'x_tfjs');
  await mkdir(folder);
  for (const name of ['group1-shard2of3.bin', 'group1-shard3of3.bin', 'notes.txt'])
    await writeFile(join(folder, name), 'old');
  const files = [file('x_tfjs/model.json', '{}'), file('x_tfjs/group1-shard1of1.bin', 'new')];
  const written = await writeExport(files, { folder: root, overwrite: true });
  await removeLeftParts(written, EXPORT_FORMATS.tfjs);
  expect((await readdir(folder)).sort()).toEqual(['group1-shard1of1.bin', 'model.json', 'notes.txt']);
  await removeLeftParts(written, EXPORT_FORMATS.pb);
  expect(await readdir(folder)).toHaveLength(3);
});

it('leaves nothing of an export of which a file cannot be written', async () => {
  await writeFile(join(root, 'folder'), 'a file');
  const files = [file('x.pb', 'one'), file('folder/y.bin', 'two')];
  await expect(writeExport(files, { folder: root, overwrite: false })).rejects.toThrow();
  expect(await readdir(root)).toEqual(['folder']);
});
