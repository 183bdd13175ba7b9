import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS, writeExport } from '../../src/export/index.ts';
import { roundWeights } from '../../src/export/weights/index.ts';
import { inspection, loadModel } from '../../src/inspect/index.ts';
import { maskedWeightName } from '../../src/model/names.ts';
import { weightedLayers, weightShape } from '../../src/model/network.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { cifar10Graph } from '../export/graphs.ts';
import { constantValue } from '../strip/graphs.ts';

const KINDS = {
  pb: 'frozen graph',
  onnx: 'ONNX model',
  tfjs: 'TensorFlow.js model',
  saved_model: 'SavedModel',
} as const;
const CASES = EXPORT_FORMAT_NAMES.flatMap((format) =>
  EXPORT_FORMATS[format].weightFormats.map((weightFormat) => ({ format, weightFormat })),
);

/** How often each weight is used for an image of 24x24. */
const USES: Readonly<Record<string, number>> = { conv1: 24 * 24, conv2: 12 * 12 };

/** ONNX has the channels of a convolution first, outputs before inputs. */
function onnxShape(shape: readonly number[]): number[] {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  return shape.length === 4 ? [outputs, inputs, height, width] : [...shape];
}

const graph = cifar10Graph(0.9);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-exports-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is written is what is found', () => {
  it.each(CASES)('in $format, weights $weightFormat', async ({ format, weightFormat }) => {
    const filename = `${weightFormat}.pb`;
    const files = EXPORT_FORMATS[format].encode(graph, { filename, weightFormat });
    const written = await writeExport(files, { folder, overwrite: false });
    const found = inspection(await loadModel(written[0]!.path));

    expect(found.kind).toBe(KINDS[format]);
    expect(found.bytes).toBe(written.reduce((sum, { bytes }) => sum + bytes, 0));
    const rounded = roundWeights(graph, weightFormat);
    // TensorFlow.js' uint8 has steps of its own.
    const isRoundedAlike = format !== 'tfjs' || weightFormat !== 'int8';
    const expected = weightedLayers(CIFAR10_NETWORK).map((layer) => {
      const values = constantValue(rounded, maskedWeightName(layer.name)).data as Float32Array;
      const nonzero = values.filter((value) => value !== 0).length;
      const uses = USES[layer.name] ?? 1;
      return {
        shape: format === 'onnx' ? onnxShape(weightShape(layer)) : [...weightShape(layer)],
        values: values.length,
        ...(isRoundedAlike && { nonzero }),
        multiplyAdds: expect.objectContaining({ dense: uses * values.length }),
      };
    });
    expect(found.weights).toMatchObject(expected);
    expect(found.total.sparsity).toBeGreaterThan(0.89);
  });
});
