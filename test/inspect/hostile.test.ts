import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { inspectionJson } from '../../src/cli/inspect-json.ts';
import { formatInspection } from '../../src/cli/inspect-output.ts';
import { UserError } from '../../src/errors.ts';
import { EXPORT_FORMATS, writeExport } from '../../src/export/index.ts';
import { identity, intAttr, intListAttr, node, shapeAttr, stringAttr } from '../../src/graph/index.ts';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import { DataType, GraphDefSchema, onnx } from '../../src/wire/protos.ts';
import { everyOperation } from '../export/graphs.ts';
import { bytesOf, floats, image, op } from '../runtime/graphs.ts';
import { type Draw, damage, damageBytes, drawsOf } from '../runtime/mutations.ts';
import { FLOAT, images, metaGraphOf, refMetaGraph, resourceMetaGraph, values } from '../strip/graphs.ts';
import { variousGraph } from './various-graph.ts';

/** Cases of each reader; more by the environment. */
const CASES = Number(process.env.CIFAR10_PRUNE_INSPECT_CASES ?? 60);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Ends in a result, as text and as JSON, or in one clear error. */
async function isJudged(path: string): Promise<'result' | 'error'> {
  try {
    const found = inspection(await loadModel(path));
    const text = formatInspection(found, { all: true });
    expect(text.length).toBeLessThan(1_000_000);
    JSON.stringify(inspectionJson(found, new Map(), undefined));
    return 'result';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return 'error';
  }
}

function damageOnnx(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (draw(2) === 0) return damageBytes(bytes, draw);
  const model = fromBinary(onnx.ModelProtoSchema, bytes);
  const graph = model.graph!;
  const pick = <Item>(items: readonly Item[]) => items[draw(items.length)]!;
  const extents = [-(2n ** 62n), -1n, 0n, 1n, 3n, 2n ** 31n, 2n ** 53n];
  const tensors = [...graph.initializer, ...graph.sparseInitializer.flatMap(({ values }) => values ?? [])];
  const ways = [
    () => {
      pick(graph.node).opType = pick([...OPERATORS, ...graph.node.map(({ opType }) => opType)]);
    },
    () => void pick(graph.node).input.splice(0, 1),
    () => void pick(graph.node).output.splice(0, 1),
    () => void pick(graph.node).input.push(pick(graph.node).output[0] ?? ''),
    () => {
      const { attribute } = pick(graph.node);
      if (attribute.length > 0) pick(attribute).ints = Array.from({ length: draw(5) }, () => pick(extents));
    },
    () => {
      const { attribute } = pick(graph.node);
      if (attribute.length > 0) pick(attribute).i = pick(extents);
    },
    () => {
      const { dims } = pick(tensors);
      dims[draw(dims.length + 1)] = pick(extents);
    },
    () => {
      for (const sparse of graph.sparseInitializer) sparse.dims[draw(sparse.dims.length + 1)] = pick(extents);
    },
    () => {
      pick(tensors).dataType = draw(20);
    },
    () => {
      const tensor = pick(tensors);
      tensor.rawData = tensor.rawData.subarray(draw(tensor.rawData.length + 1));
    },
  ];
  for (let count = 1 + draw(3); count > 0; count--) pick(ways)();
  return toBinary(onnx.ModelProtoSchema, model);
}

const OPERATORS = [
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'LSTM',
  'Loop',
  'If',
  'Scan',
  'Transpose',
  'Concat',
].concat(
  [
    'Reshape',
    'Squeeze',
    'Unsqueeze',
    'Slice',
    'Gather',
    'Shape',
    'ConstantOfShape',
    'Pad',
    'DequantizeLinear',
    'Split',
  ],
  ['Resize', 'ReduceMean', 'Constant', 'Einsum', 'Tile', 'Expand', 'Range', 'Flatten'],
);

/** Changes operations, inputs, attributes and integers of nodes, those in functions too. */
function damageVarious(bytes: Uint8Array, draw: Draw): Uint8Array {
  const graph = fromBinary(GraphDefSchema, bytes);
  const pick = <Item>(items: readonly Item[]) => items[draw(items.length)]!;
  const functions = graph.library?.function ?? [];
  const nodes = [...graph.node, ...functions.flatMap(({ nodeDef }) => nodeDef)];
  const extents = [-(2 ** 31), -3, -1, 0, 1, 2, 5, 64, 2 ** 31 - 1];
  const ways = [
    () => {
      pick(nodes).op = pick(nodes).op;
    },
    () => void pick(nodes).input.splice(draw(3), 1),
    () => void pick(nodes).input.push(pick(nodes).name),
    () => {
      pick(nodes).input[draw(3)] = `${pick(nodes).name}:${pick(extents)}`;
    },
    () => {
      const node = pick(nodes);
      const key = pick([...Object.keys(node.attr), 'axis', 'num', 'num_split']);
      node.attr[key] = pick([
        intAttr(pick(extents)),
        intListAttr(extents.slice(draw(5), 5 + draw(4))),
        stringAttr(pick(['SAME', 'NCHW', 'abc,cd->', ''])),
        shapeAttr(extents.slice(draw(9))),
      ]);
    },
    () => {
      const value = pick(nodes).attr.value?.value;
      if (value?.case !== 'tensor') return;
      value.value.tensorContent = new Uint8Array();
      value.value.intVal = Array.from({ length: 1 + draw(4) }, () => pick(extents));
    },
    () => {
      const { ret } = pick(functions);
      for (const key of Object.keys(ret)) ret[key] = pick(nodes).name;
    },
    () => {
      for (const node of nodes) if (node.attr.f) node.attr.f = node.attr.body ?? node.attr.f;
    },
  ];
  for (let count = 1 + draw(4); count > 0; count--) pick(ways)();
  return toBinary(GraphDefSchema, graph);
}

/** What the cases came to, so that a test that only ever sees errors shows. */
async function judgeAll(write: (draw: Draw) => Promise<string>): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let seed = 1; seed <= CASES; seed++) {
    const path = await write(drawsOf(seed * 7919));
    try {
      seen.add(await isJudged(path));
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
  return seen;
}

describe('damaged models end in a result or in one clear error', () => {
  test('graphs with functions, loops and computed shapes', async () => {
    const path = join(folder, 'various.pb');
    const bytes = toBinary(GraphDefSchema, variousGraph());
    const seen = await judgeAll(async (draw) => {
      await writeFile(path, draw(4) === 0 ? damage(bytes, draw) : damageVarious(bytes, draw));
      return path;
    });
    expect(seen.has('result')).toBe(true);
  });

  test('frozen graphs', async () => {
    const path = join(folder, 'frozen.pb');
    const frozen = toBinary(GraphDefSchema, everyOperation());
    const seen = await judgeAll(async (draw) => {
      await writeFile(path, damage(frozen, draw));
      return path;
    });
    expect(seen).toEqual(new Set(['result', 'error']));
  });

  test.each(['onnx', 'tfjs', 'saved_model'] as const)('%s', async (format) => {
    const files = EXPORT_FORMATS[format].encode(everyOperation(), {
      filename: `${format}.bin`,
      weightFormat: 'dense',
    });
    const written = await writeExport(files, { folder: join(folder, format), overwrite: false });
    const originals = await Promise.all(written.map(({ path }) => readFile(path)));
    const seen = await judgeAll(async (draw) => {
      for (const [index, { path }] of written.entries()) await writeFile(path, originals[index]!);
      const which = draw(3) === 0 ? draw(written.length) : 0;
      const damaged =
        format === 'onnx' ? damageOnnx(originals[which]!, draw) : damageBytes(originals[which]!, draw);
      await writeFile(written[which]!.path, damaged);
      return written[0]!.path;
    });
    expect(seen.has('error')).toBe(true);
  });

  test.each([
    ['by reference', refMetaGraph()],
    ['as resources', resourceMetaGraph()],
  ])('checkpoints of variables %s', async (how, metaGraph) => {
    const dir = join(folder, how);
    await saveCheckpoint({ dir, step: 1, variables: values, metaGraph, keep: 5 });
    const paths = ['.meta', '.index', '.data-00000-of-00001'].map((ending) =>
      join(dir, `model.ckpt-1${ending}`),
    );
    const originals = await Promise.all(paths.map((path) => readFile(path)));
    const seen = await judgeAll(async (draw) => {
      for (const [index, path] of paths.entries()) await writeFile(path, originals[index]!);
      const which = [0, 0, 0, 1, 2][draw(5)]!;
      await writeFile(paths[which]!, damageBytes(originals[which]!, draw));
      return dir;
    });
    expect(seen).toEqual(new Set(['result', 'error']));
  });
});

/** A partitioned variable has the name of the node that hands it on. */
function partitionedGraph() {
  const handed = identity('fc/weights', 'fc/weights/concat', DataType.DT_FLOAT);
  return [images, handed, node('fc/MatMul', 'MatMul', ['images', 'fc/weights'], { T: FLOAT })];
}

test.each([
  ['by reference', refMetaGraph().graphDef!.node],
  ['as resources', resourceMetaGraph().graphDef!.node],
  ['in parts', partitionedGraph()],
])('a checkpoint of variables %s whose graph has a node that lost its inputs', async (how, nodes) => {
  for (const lost of nodes.keys()) {
    const dir = join(folder, `lost-${how}-${lost}`);
    const damaged = nodes.map((each, index) =>
      index === lost ? node(each.name, each.op, [], each.attr) : each,
    );
    await saveCheckpoint({ dir, step: 1, variables: values, metaGraph: metaGraphOf(damaged), keep: 5 });
    expect(await isJudged(dir)).toBe('result');
  }
});

test('a checkpoint whose graph hands a variable on in a circle', async () => {
  const dir = join(folder, 'circle');
  const circle = [
    images,
    identity('fc/weights', 'fc/mask', DataType.DT_FLOAT),
    identity('fc/mask', 'fc/weights', DataType.DT_FLOAT),
    node('fc/MatMul', 'MatMul', ['images', 'fc/weights'], { T: FLOAT }),
  ];
  await saveCheckpoint({ dir, step: 1, variables: values, metaGraph: metaGraphOf(circle), keep: 5 });
  expect(await isJudged(dir)).toBe('result');
});

test('a chain of a hundred thousand nodes that hand weights on', async () => {
  const chain = Array.from({ length: 100_000 }, (_, at) =>
    identity(`pass${at + 1}`, at === 0 ? 'w' : `pass${at}`, DataType.DT_FLOAT),
  );
  const path = join(folder, 'chain.pb');
  const product = op('product', 'MatMul', ['images', `pass${chain.length}`]);
  await writeFile(path, bytesOf([image(-1, 2), floats('w', [2, 2], [1, 2, 3, 4]), ...chain, product]));
  expect(await isJudged(path)).toBe('result');
});

test.each([[[-1n, 3n]], [[2n, -3n]], [[-2n, -3n]], [[2n ** 60n, 3n]]])(
  'an ONNX sparse tensor of shape %s',
  async (dims) => {
    const Type = onnx.TensorProto_DataType;
    const model = create(onnx.ModelProtoSchema, {
      graph: {
        node: [{ opType: 'MatMul', input: ['x', 'w'], output: ['y'] }],
        sparseInitializer: [
          {
            dims,
            values: { name: 'w', dims: [1n], dataType: Type.FLOAT, rawData: new Uint8Array(4) },
            indices: { dims: [1n], dataType: Type.INT64, rawData: new Uint8Array(8) },
          },
        ],
      },
    });
    const path = join(folder, 'sparse.onnx');
    await writeFile(path, toBinary(onnx.ModelProtoSchema, model));
    await expect(isJudged(path)).resolves.toMatch(/result|error/);
  },
);

test.each(['toString', 'constructor', '__proto__'])(
  'an operation named as what every object has: %s',
  async (operation) => {
    const path = join(folder, 'odd.pb');
    await writeFile(path, bytesOf([floats('w', [1], [1]), op('y', operation, ['w', 'w'])]));
    expect(await isJudged(path)).toBe('result');
  },
);
