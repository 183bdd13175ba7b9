import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMATS, writeExport } from '../../src/export/index.ts';
import { roundWeights } from '../../src/export/weights/index.ts';
import {
  BRANCHING_LOGITS,
  branchingGraph,
  cifar10Graph,
  everyOperation,
  LOGITS,
  smallClassifier,
} from '../export/graphs.ts';
import { distance, ourOutput } from '../export/our-output.ts';
import { runPython } from './python.ts';

const TOLERANCE = 1e-4;
/** Of the largest output, where activations are rounded to int8 too. */
const INT8_ACTIVATIONS = 0.02;

const GRAPHS = {
  dense: { graph: cifar10Graph(0), outputs: [LOGITS], batch: 1 },
  half: { graph: cifar10Graph(0.5), outputs: [LOGITS], batch: 1 },
  tenth: { graph: cifar10Graph(0.9), outputs: [LOGITS], batch: 7 },
  every: { graph: everyOperation(), outputs: ['probabilities'], batch: 7 },
  branching: { graph: branchingGraph(0.5), outputs: [BRANCHING_LOGITS], batch: 3 },
  small: { graph: smallClassifier(), outputs: ['probabilities', 'features', 'scores'], batch: 1 },
} as const;

const CASES = (['onnx', 'saved_model'] as const).flatMap((format) =>
  Object.entries(GRAPHS).flatMap(([name, each]) =>
    EXPORT_FORMATS[format].weightFormats.map((weightFormat) => ({ format, name, weightFormat, ...each })),
  ),
);
type Case = (typeof CASES)[number];

let folder: string;
let expected: Float32Array[][];
let reply: { answers: Record<string, number[][]>[]; saved_model_cli: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-exports-'));
  const made = await Promise.all(CASES.map(exported));
  expected = made.map(({ values }) => values);
  await writeFile(join(folder, 'cases.json'), JSON.stringify(made.map(({ asked }) => asked)));
  reply = JSON.parse(await runPython('exports.py', [folder]));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes an export, and computes what it should give: what our runtime does with the weights rounded. */
async function exported({ format, name, weightFormat, graph, outputs, batch }: Case) {
  const filename = weightFormat === 'dense' ? `${name}.pb` : `${name}-${weightFormat}.pb`;
  const files = EXPORT_FORMATS[format].encode(graph, { filename, weightFormat, outputs });
  await writeExport(files, { folder, overwrite: false });
  const rounded = roundWeights(graph, weightFormat);
  const ours = await Promise.all(outputs.map((output) => ourOutput(rounded, output, batch)));
  const { images, shape } = ours[0]!;
  return {
    values: ours.map(({ values }) => values),
    asked: { file: files[0]!.name, images: Array.from(images), shape, outputs },
  };
}

describe('ONNX Runtime and TensorFlow compute what our runtime does', () => {
  it.each(CASES.map((each, index) => ({ ...each, index })))(
    '$format of $name, weights $weightFormat',
    ({ index, format, weightFormat }) => {
      const ours = expected[index]!;
      const answers = reply.answers[index]!;
      expect(Object.keys(answers)).toHaveLength(2);
      for (const [asked, theirs] of Object.entries(answers)) {
        expect(theirs).toHaveLength(ours.length);
        const coarse = format === 'onnx' && weightFormat === 'int8' && asked === 'onnxruntime by default';
        ours.forEach((values, output) => {
          const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
          expect(largest).toBeGreaterThan(0.01);
          const bound = coarse ? INT8_ACTIVATIONS * largest : TOLERANCE;
          expect(distance(theirs[output]!, values), asked).toBeLessThan(bound);
        });
      }
    },
  );
});

it('saved_model_cli shows the signature', () => {
  expect(reply.saved_model_cli).toContain("signature_def['serving_default']");
  expect(reply.saved_model_cli).toContain('shape: (-1, 7, 5, 1)');
  expect(reply.saved_model_cli).toContain("outputs['features']");
});
