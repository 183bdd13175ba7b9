import { describe, expect, it, test } from 'vitest';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  refuseClashes,
  refuseImpossible,
  verifyExport,
} from '../../src/export/index.ts';
import { graphDef } from '../../src/graph/index.ts';
import type { GraphDef } from '../../src/wire/protos.ts';
import { floats, image, op } from '../runtime/graphs.ts';

const VALUES = Float32Array.from({ length: 400 }, (_, i) => (i % 10 === 3 ? Math.sin(i) : 0));
const layer = (weights: Float32Array, last = op('out', 'Relu', ['product'])) =>
  graphDef([image(-1, 40), floats('w', [40, 10], weights), op('product', 'MatMul', ['images', 'w']), last]);
const graph = layer(VALUES);

const verify = (
  written: GraphDef,
  weightFormat: 'dense' | 'sparse' | 'float16' | 'sparse,int8',
  format: ExportFormat = EXPORT_FORMATS.pb,
  original = graph,
) => {
  const files = format.encode(written, { filename: 'a.pb', weightFormat });
  return verifyExport(original, { format, weightFormat, outputs: ['out'], files, name: 'x/a.pb' });
};

describe('an export', () => {
  it('that is right gives what the graph gives, but for the rounding of weights', async () => {
    for (const format of ['dense', 'sparse'] as const)
      expect(await verify(graph, format)).toMatchObject({
        weights: { tensors: 1, largestDifference: 0 },
        run: { inputs: 4, largestDifference: 0 },
      });
    const { weights, run } = await verify(graph, 'sparse,int8');
    expect(weights.largestDifference).toBeGreaterThan(0);
    expect(weights.largestDifference).toBeLessThan(1 / 254 + 1e-6);
    expect(run).toMatchObject({ largestDifference: expect.closeTo(0.01, 1) });
  });

  it('with a weight beyond the rounding is refused, with file, difference and bound', async () => {
    await expect(verify(layer(VALUES.with(3, VALUES[3]! + 0.5)), 'dense')).rejects.toMatchObject({
      code: 'graph',
      message: expect.stringMatching(
        /^x\/a\.pb .*weight 3 of w is .* a difference of 0\.5.*, expected at most 0$/,
      ),
    });
    await expect(verify(layer(VALUES.with(3, VALUES[3]! * 1.01)), 'float16')).rejects.toThrow(
      /expected at most 0\.00006/,
    );
  });

  it('with the right weights that computes something else is refused', async () => {
    const wrong = layer(VALUES, op('out', 'Softmax', ['product']));
    await expect(verify(wrong, 'sparse')).rejects.toThrow(/output out differs by .* expected 0/);
  });

  it('whose graph cannot be run is held to its weights alone, and says so', async () => {
    const unknown = layer(VALUES, op('out', 'Betainc', ['product']));
    const { weights, run } = await verify(unknown, 'sparse', EXPORT_FORMATS.pb, unknown);
    expect(weights).toEqual({ tensors: 1, largestDifference: 0 });
    expect(run).toMatch(/^node out \(Betainc\)/);
    const other = layer(VALUES.with(0, 1), op('out', 'Betainc', ['product']));
    await expect(verify(other, 'sparse', EXPORT_FORMATS.pb, unknown)).rejects.toThrow(/weight 0 of w/);
  });

  it('whose outputs are NaN is not called equal to itself', async () => {
    const nothing = layer(VALUES.with(0, Number.NaN));
    const { run } = await verify(nothing, 'dense', EXPORT_FORMATS.pb, nothing);
    expect(run).toBe('output out is NaN for inputs drawn at random, and NaN tells no two graphs apart');
  });

  it('that was cut off is refused', async () => {
    const [file] = EXPORT_FORMATS.pb.encode(graph, { filename: 'a.pb', weightFormat: 'dense' });
    const files = [{ ...file!, bytes: file!.bytes.subarray(0, 500) }];
    const options = {
      format: EXPORT_FORMATS.pb,
      weightFormat: 'dense',
      outputs: ['out'],
      files,
      name: 'x/a.pb',
    } as const;
    await expect(verifyExport(graph, options)).rejects.toMatchObject({
      code: 'graph',
      message: expect.stringMatching(/^x\/a\.pb failed verification, and was not written/),
    });
  });
});

test('a weight format that a format cannot store is refused, with what each can', () => {
  const formats = {
    pb: EXPORT_FORMATS.pb,
    poor: { ...EXPORT_FORMATS.pb, weightFormats: ['dense', 'int8'] as const },
  };
  expect(() => refuseImpossible(formats, 'int8')).not.toThrow();
  expect(() => refuseImpossible(formats, 'sparse,int8')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: '--format=poor does not go with --weight_format=sparse,int8',
      hint: expect.stringContaining('for poor: dense or int8'),
    }),
  );
});

test.each([
  [['a.onnx', 'b/../a.onnx'], true],
  [['a', 'a/saved_model.pb'], true],
  [['a.pb', 'a.pb.onnx'], false],
])('files %j clash: %s', (names, clash) => {
  const files = names.map((name) => ({ name, bytes: new Uint8Array() }));
  if (clash) expect(() => refuseClashes(files)).toThrow(/two of the files to write would be a/);
  else expect(() => refuseClashes(files)).not.toThrow();
});
