import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphDef } from '../../src/graph/index.ts';
import { loadModel } from '../../src/inspect/index.ts';
import { GraphDefSchema, MetaGraphDefSchema } from '../../src/wire/protos.ts';
import { floats, image } from '../runtime/graphs.ts';
import { refMetaGraph } from '../strip/graphs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const graph = graphDef([image(-1, 4), floats('matrix', [2, 2], [1, 0, 0, 0])]);

test('a frozen graph is told by its content, whatever it is called', async () => {
  const path = await written('picture.png', toBinary(GraphDefSchema, graph));
  expect(await loadModel(path)).toMatchObject({
    kind: 'frozen graph',
    graph: { node: [{ name: 'images' }, { name: 'matrix' }] },
  });
});

test('a graph of a checkpoint without the checkpoint is a graph without values', async () => {
  const path = await written('lonely.meta', toBinary(MetaGraphDefSchema, refMetaGraph()));
  const { kind, weights, notices } = await loadModel(path);
  expect({ kind, weights }).toEqual({ kind: 'frozen graph', weights: [] });
  expect(notices).toEqual(['4 variables have no values: those are in a checkpoint, not in the graph']);
});

test.each([
  ['text', 'some words\n'],
  ['JSON of something else', '{"name": "x"}'],
  ['broken JSON', '{"modelTopology": '],
  ['nothing', ''],
  ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)],
  ['a graph cut short', toBinary(GraphDefSchema, graph).subarray(0, 40)],
])('%s is refused', async (_, bytes) => {
  const path = await written('other', bytes);
  await expect(loadModel(path)).rejects.toMatchObject({
    code: 'file',
    message: `${path} is not a known kind of model, or it is damaged`,
    hint: expect.stringContaining('train_dir'),
  });
});

test('nothing at the path, and a folder without a model, are refused', async () => {
  await expect(loadModel(join(folder, 'gone'))).rejects.toMatchObject({ code: 'file' });
  await mkdir(join(folder, 'empty'));
  await expect(loadModel(join(folder, 'empty'))).rejects.toThrow(
    'holds no model: no checkpoint, no saved_model.pb, no model.json',
  );
});

test('a constant that claims more than it holds is refused at once', async () => {
  const huge = floats('huge', [2 ** 20, 2 ** 20], []);
  const path = await written('huge', toBinary(GraphDefSchema, graphDef([huge])));
  await expect(loadModel(path)).rejects.toMatchObject({
    code: 'graph',
    message: expect.stringContaining('huge'),
  });
});
