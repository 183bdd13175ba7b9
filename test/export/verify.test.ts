import { describe, expect, it, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  refuseClashes,
  refuseImpossible,
  verifyExport,
} from '../../src/export/index.ts';
import { graphDef, node } from '../../src/graph/index.ts';
import type { GraphDef } from '../../src/wire/protos.ts';
import { float32Tensor } from '../../src/wire/tensor.ts';
import { floats, image, op, T } from '../runtime/graphs.ts';

const VALUES = Float32Array.from({ length: 400 }, (_, i) => (i % 10 === 3 ? Math.sin(i) : 0));
const layer = (weights: Float32Array, last = op('out', 'Relu', ['product'])) =>
  graphDef([image(-1, 40), floats('w', [40, 10], weights), op('product', 'MatMul', ['images', 'w']), last]);
const graph = layer(VALUES);

const verify = (
  written: GraphDef,
  weightFormat: 'dense' | 'sparse' | 'float16' | 'sparse,int8',
  format: ExportFormat = EXPORT_FORMATS.pb,
  original = graph,
  outputs = ['out'],
) => {
  const files = format.encode(written, { filename: 'a.pb', weightFormat });
  return verifyExport(original, { format, weightFormat, outputs, files, name: 'x/a.pb' });
};

/** The weights of `graph` as a format may have read them back. */
const read = (shape: number[], data: Float32Array) =>
  new Map([['w', { value: float32Tensor(shape, data), bytes: 1 }]]);
const changed = (by: Readonly<Record<number, number>>) =>
  read(
    [40, 10],
    VALUES.map((value, i) => value + (by[i] ?? 0)),
  );

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
    // In float16 0.1 is 0.0999755859375, and the output of the first layer is 0.
    const twoLayers = graphDef([
      ...layer(VALUES.map(() => 0)).node,
      floats('v', [10, 1], Array(10).fill(0.1)),
      op('ones', 'Softmax', ['out']),
      op('last', 'MatMul', ['ones', 'v']),
    ]);
    const compared = await verify(twoLayers, 'float16', EXPORT_FORMATS.pb, twoLayers, ['last', 'out']);
    expect(compared.run).toEqual({
      inputs: 4,
      largestDifference: expect.closeTo(0.0000244, 7),
      largestOutput: expect.closeTo(0.1, 6),
    });
  });

  it('is run with as many inputs as its graph takes', async () => {
    const fixed = (batch: number) =>
      graphDef([floats('w', [2, 2], [1, 2, 3, 4]), image(batch, 2), op('out', 'MatMul', ['images', 'w'])]);
    for (const batch of [1, 3])
      expect((await verify(fixed(batch), 'sparse', EXPORT_FORMATS.pb, fixed(batch))).run).toMatchObject({
        inputs: batch,
      });
  });

  it('whose graph tells no shape of images is held to its weights alone', async () => {
    const shapeless = graphDef(graph.node.with(0, node('images', 'Placeholder', [], T)));
    const { run } = await verify(shapeless, 'dense', EXPORT_FORMATS.pb, shapeless);
    expect(run).toMatch(/^node images \(Placeholder\) has no shape/);
  });

  it('without a graph in its files is held to its weights alone', async () => {
    expect((await verify(graph, 'dense', EXPORT_FORMATS.tfjs)).run).toBeUndefined();
  });

  it.each([
    ['missing', new Map(), 'the weights w are missing'],
    ['turned', read([10, 40], VALUES), 'the weights w have shape [10,40], expected [40,10]'],
    ['wrong twice, the second more', changed({ 3: 0.25, 13: 0.5 }), 'weight 13 of w is'],
    ['wrong twice, the first more', changed({ 3: 0.5, 13: 0.25 }), 'weight 3 of w is'],
  ])('with weights that are %s is refused', async (_, stored, message) => {
    const format: ExportFormat = { ...EXPORT_FORMATS.onnx, readWeights: () => stored };
    await expect(verify(graph, 'dense', format)).rejects.toThrow(
      `x/a.pb failed verification, and was not written: ${message}`,
    );
  });

  it.each([
    // Half the distance between neighbours is 2^-11 at 1 and 2^-5 at 64.
    [1, 1 + 2 ** -11, true],
    [1, 1 + 2 ** -10, false],
    [64, 64 + 2 ** -5, true],
    [Number.NaN, Number.NaN, true],
    [Number.NaN, 1, false],
    [1, Number.NaN, false],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true],
    [Number.POSITIVE_INFINITY, 1, false],
  ])('in float16 of %d may be read back as %d: %s', async (weight, stored, fine) => {
    const format: ExportFormat = {
      ...EXPORT_FORMATS.onnx,
      readWeights: () => read([40, 10], VALUES.with(0, stored)),
    };
    const verified = verify(graph, 'float16', format, layer(VALUES.with(0, weight)));
    if (fine) expect((await verified).weights.tensors).toBe(1);
    else await expect(verified).rejects.toThrow(`weight 0 of w is ${stored}, expected ${weight}`);
  });

  it('tells what is wrong beyond the bound by most, not what differs by most', async () => {
    const weights = VALUES.with(0, 1).with(1, 1024);
    const stored = read([40, 10], weights.with(0, 1.25).with(1, 1024.5));
    const format: ExportFormat = { ...EXPORT_FORMATS.onnx, readWeights: () => stored };
    // The bound is 2^-11 for the one and 0.5 for the other.
    await expect(verify(graph, 'float16', format, layer(weights))).rejects.toThrow('weight 0 of w is 1.25');
  });

  it('lets other errors through as they are', async () => {
    for (const error of [new Error('of ours'), new UserError('argument', 'of the command line')]) {
      const readWeights = () => {
        throw error;
      };
      await expect(verify(graph, 'dense', { ...EXPORT_FORMATS.pb, readWeights })).rejects.toBe(error);
    }
  });

  it('with an output of other extents is refused', async () => {
    const zeros = (...last: ReturnType<typeof op>[]) =>
      graphDef([
        image(1, 4),
        floats('w', [4, 2], Array(8).fill(0)),
        op('product', 'MatMul', ['images', 'w']),
        ...last,
      ]);
    const narrower = zeros(floats('v', [2, 1], [0, 0]), op('out', 'MatMul', ['product', 'v']));
    const original = zeros(op('out', 'Relu', ['product']));
    await expect(verify(narrower, 'dense', EXPORT_FORMATS.pb, original)).rejects.toThrow(
      /^x\/a\.pb failed .*output out differs by Infinity/,
    );
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
    expect(run).toBe('output out is NaN for random inputs, so outputs cannot be compared');
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
