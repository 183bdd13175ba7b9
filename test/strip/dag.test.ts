import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { SimdEngine } from '../../src/engine/simd/simd-engine.ts';
import { graphVariables, metaGraph } from '../../src/graph/index.ts';
import { logitsName } from '../../src/model/connected-layers.ts';
import { layerOf, maskName } from '../../src/model/names.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { elementCount, type Tensor } from '../../src/wire/tensor.ts';
import { expectClose } from '../engine/expect-close.ts';
import { DAGS, randomStep } from '../engine/networks.ts';

const PRUNING_NAME = 'pruning';

it.each(Object.entries(DAGS))('a trained checkpoint of %s runs as a frozen graph', async (_, network) => {
  const { variables, masks, images, labels } = randomStep(network, 5, 2);
  const engine = new SimdEngine(network, { threads: 1 });
  engine.setVariables(variables);
  engine.setMasks(masks);
  for (let step = 0; step < 3; step++)
    await engine.trainStep(images, labels, { learningRate: 0.05, averageDecay: 0.9 });
  const trained = await engine.readVariables([...variables.keys()]);
  const logits = await engine.forward(images);
  await engine.dispose();

  const values = new Map([
    ...trained,
    ...[...masks].map(([name, mask]) => [maskName(layerOf(name)), mask] as const),
  ]);
  const dir = await mkdtemp(join(tmpdir(), 'dag-'));
  await saveCheckpoint({
    dir,
    step: 3,
    variables: new Map(
      graphVariables(network, PRUNING_NAME).map(({ name, dtype, shape }): [string, Tensor] => {
        if (dtype === 'int64') return [name, { dtype, shape, data: BigInt64Array.of(3n) }];
        if (dtype === 'int32') return [name, { dtype, shape, data: Int32Array.of(3) }];
        const data = values.get(name) ?? new Float32Array(elementCount(shape));
        return [name, { dtype, shape, data }];
      }),
    ),
    metaGraph: metaGraph(network, { pruningName: PRUNING_NAME, keep: 1 }),
    keep: 1,
  });
  const { graph } = await stripCheckpoint({ checkpointDir: dir, outputNodeNames: [logitsName(network)] });
  await rm(dir, { recursive: true });

  const model = await loadFrozenModel(toBinary(GraphDefSchema, graph), { threads: 1 });
  expect(model.outputNames).toEqual([logitsName(network)]);
  expectClose(await model.run(images), logits, 1e-5);
  await model.dispose();
});
