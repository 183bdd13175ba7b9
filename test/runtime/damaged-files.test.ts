import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { graphDef, node } from '../../src/graph/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { MetaGraphDef_MetaInfoDefSchema, MetaGraphDefSchema } from '../../src/wire/protos.ts';
import { encodeTable } from '../../src/wire/table.ts';
import { bytesOf, floats, image, integers, op, sliding } from './graphs.ts';
import { refusal } from './refusal.ts';

const whole = bytesOf([
  image(-1, 3, 3, 1),
  floats('w', [2, 2, 1, 2], new Float32Array(8)),
  op('conv', 'Conv2D', ['images', 'w'], sliding('SAME', 2)),
  integers('shape', -1, 8),
  op('flat', 'Reshape', ['conv', 'shape']),
  op('y', 'Softmax', ['flat']),
]);
const metaGraphBytes = toBinary(
  MetaGraphDefSchema,
  create(MetaGraphDefSchema, {
    metaInfoDef: create(MetaGraphDef_MetaInfoDefSchema, { tensorflowVersion: '1.14.0' }),
    graphDef: graphDef([image(-1, 2)]),
  }),
);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graphs-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file that is no graph is refused in one line:', () => {
  it('none at all', async () => {
    expect(await refusal('/nowhere/model.pb')).toMatchObject({
      code: 'file',
      message: 'cannot read /nowhere/model.pb: there is no such file',
    });
  });

  it.each([
    [[], 'Give a binary GraphDef, as the strip command writes it.'],
    [['saved_model.pb'], 'Freeze the SavedModel in this folder with TensorFlow to a binary GraphDef.'],
    [
      ['model.ckpt-1.index'],
      'Give this folder to the strip command, which writes a frozen graph of its latest checkpoint.',
    ],
    [['frozen.pb'], 'Give the file frozen.pb in this folder.'],
  ])('a folder of %j', async (names, hint) => {
    for (const name of names) await writeFile(join(folder, name), '');
    expect(await refusal(folder)).toEqual({
      code: 'file',
      message: `cannot read ${folder}: it is a folder, expected a file`,
      hint,
    });
  });

  it('a device', async () => {
    const message = 'cannot read /dev/zero: it is a device, expected a regular file';
    expect(await refusal('/dev/zero')).toMatchObject({ code: 'file', message });
  });

  it('one larger than 2 GiB', async () => {
    const path = join(folder, 'huge.pb');
    await writeFile(path, '');
    await truncate(path, 2 ** 31);
    const message = `cannot read ${path}: it has 2147483648 bytes, expected at most 2147483647`;
    expect(await refusal(path)).toMatchObject({ code: 'file', message });
  });

  it.each<[string, string | Uint8Array, string]>([
    ['model.pb', '', ': it is empty'],
    ['model.pb', whole.subarray(0, whole.length - 20), ': its bytes do not parse'],
    ['model.pb', Uint8Array.of(0x20, 0), ': it has no nodes'],
    ['model.pb', bytesOf([node('a\nb', 'Relu', [])]), ': it has a node named a\\nb'],
    ['model.pb', bytesOf([node('y', 'Relu', ['a b'])]), ': it has a node named a b'],
    ['model.pb', bytesOf([node('^a', 'Relu', [])]), ': it has a node named ^a'],
    ['model.pb', bytesOf([node('a:1', 'Relu', [])]), ': it has a node named a:1'],
    ['graph.pbtxt', 'node {\n  name: "y"\n  op: "Relu"\n}\n', ', but a graph in text format'],
    [
      'checkpoint',
      'model_checkpoint_path: "model.ckpt-1"',
      ', but the state file of a folder of checkpoints',
    ],
    ['model.ckpt-1.data-00000-of-00001', new Uint8Array(64), ", but the values of a checkpoint's variables"],
    [
      'model.ckpt-1.index',
      encodeTable([[Uint8Array.of(), Uint8Array.of(8, 1)]]),
      ', but the index of a checkpoint',
    ],
    [
      'model.ckpt-1.meta',
      metaGraphBytes,
      ', but the graph that a checkpoint was written from (a MetaGraphDef)',
    ],
    ['saved_model.pb', Uint8Array.of(0x08, 1, 0x12, 2, 0x0a, 0), ', but a SavedModel'],
    ['model.onnx', Uint8Array.of(0x08, 8, 0x12, 1, 0x61), ', but an ONNX model'],
    ['model.json', '{"format": "graph-model"}', ', but a tfjs model'],
    ['model.h5', Uint8Array.from(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')), ', but a Keras model in HDF5'],
    ['model.keras', 'PK\x03\x04', ', but a zip archive, such as a Keras model'],
    ['model.tflite', '\x1c\0\0\0TFL3', ', but a TensorFlow Lite model'],
    ['model.pb.gz', gzipSync(whole), ', but compressed with gzip'],
  ])('%s, %#', async (name, content, problem) => {
    const path = join(folder, name);
    await writeFile(path, content);
    const { code, message } = await refusal(path);
    expect({ code, message }).toEqual({ code: 'graph', message: `${path} is no frozen graph${problem}` });
  });

  it('random bytes', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 4096, size: 'max' });
    await fc.assert(
      fc.asyncProperty(bytes, async (random) => {
        expect((await refusal(random)).code).toBe('graph');
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

it('a graph with any one byte changed is computed or refused in one line', async () => {
  let computed = 0;
  for (let index = 0; index < whole.length; index++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const changed = whole.slice();
      changed[index]! ^= flip;
      try {
        const model = await loadFrozenModel(changed, { backend: 'cpu' });
        await model.run(new Float32Array(model.inputShape.reduce((a, b) => a * b)));
        await model.dispose();
        computed++;
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  }
  expect(computed).toBeGreaterThan(0);
});
