import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { node, stringTensorAttr } from '../../src/graph/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { SaverDefSchema } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';
import { constantValue, names, refMetaGraph, values } from './graphs.ts';

const outputNodeNames = ['fc/fc_2'];
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'strip-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** A checkpoint whose averages are three times its weights and biases, and whose biases are its step. */
async function save(step: number) {
  const biases = float32Tensor([2], Float32Array.of(step, step));
  const averages = ['fc/weights', 'fc/biases'].map((name) => {
    const { shape, data } = values.get(name)!;
    return [
      `${name}/ExponentialMovingAverage`,
      float32Tensor(
        shape,
        Float32Array.from(data as Float32Array, (x) => x * 3),
      ),
    ] as const;
  });
  const variables = new Map([...values, ['fc/biases', biases] as const, ...averages]);
  await saveCheckpoint({ dir, step, variables, metaGraph: refMetaGraph(), keep: 5 });
}

it('freezes the newest checkpoint of a folder and touches nothing in it', async () => {
  await save(10);
  await save(20);
  const before = await readdir(dir);
  const { checkpoint, step, graph, report } = await stripCheckpoint({ checkpointDir: dir, outputNodeNames });
  expect({ checkpoint, step }).toEqual({ checkpoint: join(dir, 'model.ckpt-20'), step: 20 });
  expect(names(graph)).toContain('fc/fc_2');
  expect([...constantValue(graph, 'fc/biases').data]).toEqual([20, 20]);
  expect(report.tensors).toHaveLength(1);
  expect(await readdir(dir)).toEqual(before);
});

it('freezes the checkpoint that is named', async () => {
  await save(10);
  await save(20);
  const { step, graph } = await stripCheckpoint({
    checkpointDir: join(dir, 'model.ckpt-10'),
    outputNodeNames,
  });
  expect(step).toBe(10);
  expect([...constantValue(graph, 'fc/biases').data]).toEqual([10, 10]);
});

it('freezes the moving averages on request', async () => {
  await save(10);
  const { graph } = await stripCheckpoint({ checkpointDir: dir, outputNodeNames, movingAverage: true });
  expect([...constantValue(graph, 'fc/weights/masked_weight').data]).toEqual([3, 0, 0, 0, 15, -18]);
  expect([...constantValue(graph, 'fc/biases').data]).toEqual([1.5, -1.5]);
});

it("refuses a part of a variable whose whole the checkpoint has in another shape than the graph's saver", async () => {
  const metaGraph = refMetaGraph();
  metaGraph.saverDef = create(SaverDefSchema, { restoreOpName: 'restore' });
  metaGraph.graphDef!.node.push(
    node('names', 'Const', [], { value: stringTensorAttr(['whole']) }),
    node('slices', 'Const', [], { value: stringTensorAttr(['4 2 0,3:0,2']) }),
    node('saved', 'RestoreV2', ['prefix', 'names', 'slices']),
    node('restore', 'Assign', ['fc/weights', 'saved']),
  );
  const variables = new Map([...values, ['whole', float32Tensor([2, 4], new Float32Array(8))] as const]);
  await saveCheckpoint({ dir, step: 10, variables, metaGraph, keep: 5 });
  await expect(stripCheckpoint({ checkpointDir: dir, outputNodeNames })).rejects.toMatchObject({
    code: 'checkpoint',
    message:
      'variable fc/weights is a part of whole, which has shape [2,4] in the checkpoint, expected [4,2]',
  });
});

it('closes the checkpoint, also where the graph cannot be frozen', async () => {
  await save(10);
  const open = async () => {
    const paths = (await readdir('/proc/self/fd')).map((fd) =>
      readlink(`/proc/self/fd/${fd}`).catch(() => ''),
    );
    return (await Promise.all(paths)).filter((path) => path.startsWith(dir));
  };
  await stripCheckpoint({ checkpointDir: dir, outputNodeNames });
  await expect(stripCheckpoint({ checkpointDir: dir, outputNodeNames: ['gone'] })).rejects.toThrow('gone');
  expect(await open()).toEqual([]);
});

it('says so where there is no checkpoint, or its graph is damaged', async () => {
  await expect(stripCheckpoint({ checkpointDir: dir, outputNodeNames })).rejects.toMatchObject({
    code: 'checkpoint',
  });
  await save(10);
  await writeFile(join(dir, 'model.ckpt-10.meta'), 'not a graph');
  await expect(stripCheckpoint({ checkpointDir: dir, outputNodeNames })).rejects.toMatchObject({
    code: 'checkpoint',
    message: expect.stringContaining('model.ckpt-10.meta is damaged'),
  });
});
