import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { latestCheckpoint, openCheckpoint } from '../src/checkpoint/index.ts';
import { unpack } from '../src/dataset/archive.ts';
import { UserError } from '../src/errors.ts';
import { identity, node } from '../src/graph/index.ts';
import { parseHparams } from '../src/hparams/index.ts';
import { inspection, loadModel } from '../src/inspect/index.ts';
import { loadFrozenModel } from '../src/runtime/index.ts';
import { strippedGraph } from '../src/strip/index.ts';
import { nodesByName } from '../src/tensorflow/lookup.ts';
import { inOrder } from '../src/tensorflow/order.ts';
import { DataType, GraphDefSchema, type NodeDef, onnx } from '../src/wire/protos.ts';
import { writeCheckpoint } from './cli/checkpoint-fixture.ts';
import { tarball } from './dataset/tarball.ts';
import { metaGraphOf } from './strip/graphs.ts';

const FLOAT = DataType.DT_FLOAT;
const NAMES = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) },
  fc.constantFrom(
    '\n\n\n',
    '\u001b[2J',
    '\u202egnp.exe',
    'a'.repeat(70_000),
    '\n'.repeat(9_000),
    '\ud800x',
    '\0',
  ),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-names-'));
  await writeCheckpoint(join(folder, 'saved'), 1);
});
afterAll(() => rm(folder, { recursive: true }));

const bytesOf = (nodes: readonly NodeDef[]) =>
  toBinary(GraphDefSchema, create(GraphDefSchema, { node: [...nodes] }));
const images = node('images', 'Placeholder', [], {
  dtype: { value: { case: 'type', value: FLOAT } },
} as never);

async function fileOf(content: string | Uint8Array, name = 'file'): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** What is read fails, or tells in notices, whatever the name in it. */
const READERS: Readonly<Record<string, (name: string) => unknown>> = {
  'a frozen graph with a node of that name': (name) => loadFrozenModel(bytesOf([node(name, 'Relu', ['x'])])),
  'a frozen graph with such an operation': (name) =>
    loadFrozenModel(bytesOf([images, node('y', name, ['images'])])),
  'a frozen graph that reads it': (name) => loadFrozenModel(bytesOf([node('y', 'Relu', [name])])),
  'an output of that name': (name) => loadFrozenModel(bytesOf([images]), { output: name }),
  'two nodes of that name': (name) =>
    nodesByName(create(GraphDefSchema, { node: [node(name, 'A', []), node(name, 'B', [])] })),
  'nodes of that name in a circle': (name) => {
    const graph = create(GraphDefSchema, { node: [identity(name, 'b', FLOAT), identity('b', name, FLOAT)] });
    return inOrder(nodesByName(graph), ['b']);
  },
  'strip of such a node': (name) =>
    strippedGraph(metaGraphOf([node(name, name, []), identity('y', name, FLOAT)], []), new Map() as never, {
      outputNodeNames: ['y'],
    }),
  'a file checkpoint': async (name) => {
    await fileOf(`model_checkpoint_path: ${JSON.stringify(name)}`, 'checkpoint');
    return latestCheckpoint(folder);
  },
  'a variable of a checkpoint': async (name) =>
    (await openCheckpoint(join(folder, 'saved', 'model.ckpt-1'))).read(name),
  'a TensorFlow.js model whose file is missing': async (name) =>
    loadModel(await fileOf(JSON.stringify({ weightsManifest: [{ paths: [name], weights: [] }] }))),
  'a TensorFlow.js model cut short': async (name) => {
    await fileOf('', 'empty.bin');
    const weights = [{ name, dtype: 'float32', shape: [3] }];
    return loadModel(await fileOf(JSON.stringify({ weightsManifest: [{ paths: ['empty.bin'], weights }] })));
  },
  'a TensorFlow.js model of such a type': async (name) => {
    await fileOf('', 'empty.bin');
    const weights = [{ name, dtype: name, shape: [3] }];
    const path = await fileOf(JSON.stringify({ weightsManifest: [{ paths: ['empty.bin'], weights }] }));
    for (const notice of inspection(await loadModel(path)).notices) throw new UserError('graph', notice);
  },
  'an ONNX model cut short': async (name) => {
    const initializer = [
      create(onnx.TensorProtoSchema, { name, dataType: 1, dims: [3n], rawData: new Uint8Array(5) }),
    ];
    const graph = { node: [create(onnx.NodeProtoSchema, { opType: 'Relu', name })], initializer };
    return loadModel(await fileOf(toBinary(onnx.ModelProtoSchema, create(onnx.ModelProtoSchema, { graph }))));
  },
  'a path that leads out of an archive': async (name) =>
    unpack(
      await fileOf(tarball([{ path: `../${name.slice(0, 40)}`, content: Buffer.from('x') }])),
      join(folder, 'data'),
    ),
  'an hparam of that name': (name) => parseHparams(`${name}=1`),
  'an hparam of that value': (name) => parseHparams(`nbins=${name}`),
};

test.each(Object.entries(READERS))('an error on %s is one short line', async (_, read) => {
  await fc.assert(
    fc.asyncProperty(NAMES, async (name) => {
      let error: unknown;
      try {
        await read(name);
      } catch (thrown) {
        error = thrown;
      }
      if (error === undefined) return;
      expect(error).toBeInstanceOf(UserError);
      const { message, hint = '' } = error as UserError;
      for (const line of [message, hint]) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(line.length).toBeLessThanOrEqual(500);
      }
    }),
    { numRuns: 30 },
  );
});
