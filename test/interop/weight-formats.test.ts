import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { WEIGHT_FORMATS } from '../../src/export/weight-format.ts';
import { roundWeights, storeWeights } from '../../src/export/weights/index.ts';
import { layerOutputName } from '../../src/model/names.ts';
import { stripCheckpoint } from '../../src/strip/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { writeCheckpoint } from '../cli/checkpoint-fixture.ts';
import { runPython } from './python.ts';

const OUTPUT = layerOutputName('softmax_linear');
const DECODING = ['RightShift', 'BitwiseAnd', 'Slice', 'Cast', 'Cumsum', 'Mul', 'GatherV2'];

it('TensorFlow computes from weights in every format what it does from them rounded, to the bit, and folds them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weight-formats-'));
  await writeCheckpoint(folder, 70);
  const { graph } = await stripCheckpoint({ checkpointDir: folder, outputNodeNames: [OUTPUT] });
  for (const format of WEIGHT_FORMATS)
    for (const [name, made] of [
      [format, storeWeights(graph, format)],
      [`${format}.rounded`, roundWeights(graph, format)],
    ] as const)
      await writeFile(join(folder, `${name}.pb`), toBinary(GraphDefSchema, made));

  const results = JSON.parse(await runPython('weight-formats.py', [folder, OUTPUT, ...WEIGHT_FORMATS]));
  for (const format of WEIGHT_FORMATS) {
    const { left, largest, ...same } = results[format];
    expect([format, same]).toEqual([format, { 'same logits': true, 'same weights': true }]);
    expect(largest).toBeGreaterThan(1e-4);
    expect(left.filter((op: string) => DECODING.includes(op))).toEqual([]);
  }
  await rm(folder, { recursive: true });
});
