import { expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { constant, node, typeAttr } from '../../src/graph/index.ts';
import { loadFrozenModel } from '../../src/runtime/index.ts';
import { DataType } from '../../src/wire/protos.ts';
import { bytesOf, floats, image, integers, op, sliding } from './graphs.ts';
import { damage, drawsOf } from './mutations.ts';

const bytes = (name: string, shape: readonly number[], ...data: number[]) =>
  constant(name, { dtype: 'uint8', shape, data: Uint8Array.from(data) });
const cast = (name: string, input: string, from: DataType, to: DataType) =>
  node(name, 'Cast', [input], { SrcT: typeAttr(from), DstT: typeAttr(to) });

/** Weights that are decoded, a convolution of them, and all that follows one. */
const whole = bytesOf([
  image(-1, 3, 3, 1),
  bytes('bits', [1, 1], 0b10110110),
  bytes('shifts', [8], 0, 1, 2, 3, 4, 5, 6, 7),
  bytes('one', [], 1),
  node('shifted', 'RightShift', ['bits', 'shifts']),
  node('bit', 'BitwiseAnd', ['shifted', 'one']),
  integers('all', -1),
  node('row', 'Reshape', ['bit', 'all']),
  integers('none', 0),
  integers('count', 8),
  node('cut', 'Slice', ['row', 'none', 'count']),
  cast('kept', 'cut', DataType.DT_UINT8, DataType.DT_INT32),
  constant('axis', { dtype: 'int32', shape: [], data: Int32Array.of(0) }),
  node('sum', 'Cumsum', ['kept', 'axis']),
  node('index', 'Mul', ['sum', 'kept']),
  constant('halves', {
    dtype: 'float16',
    shape: [6],
    data: Uint16Array.of(0, 0x3c00, 0xc000, 1, 0x7bff, 0x3555),
  }),
  cast('survivors', 'halves', DataType.DT_HALF, DataType.DT_FLOAT),
  node('flat', 'GatherV2', ['survivors', 'index', 'axis']),
  integers('shape', 2, 2, 1, 2),
  node('weights', 'Reshape', ['flat', 'shape']),
  op('conv', 'Conv2D', ['images', 'weights'], sliding('SAME', 1)),
  floats('biases', [2], [0.5, -1]),
  op('biased', 'BiasAdd', ['conv', 'biases']),
  op('positive', 'Relu', ['biased']),
  op('pooled', 'MaxPool', ['positive'], sliding('SAME', 2, 3)),
  op('normal', 'LRN', ['pooled']),
  integers('row_shape', -1, 8),
  op('rows', 'Reshape', ['normal', 'row_shape']),
  op('y', 'Softmax', ['rows']),
]);

const CASES = Number(process.env.CIFAR10_PRUNE_FUZZ_CASES ?? 3000);
const SLOWEST_MS = 10_000;
const FEW_VALUES = 2 ** 20;

it('a damaged graph is computed or refused in one line, soon', async () => {
  const outcomes = { computed: 0, refused: 0 };
  const wrong: Record<number, unknown> = {};
  for (let seed = 1; seed <= CASES; seed++) {
    const start = performance.now();
    try {
      const model = await loadFrozenModel(damage(whole, drawsOf(seed * 2654435761)), { backend: 'cpu' });
      const values = model.inputShape.reduce((product, extent) => product * extent, 1);
      if (values < FEW_VALUES) await model.run(new Float32Array(values));
      await model.dispose();
      outcomes.computed++;
    } catch (error) {
      outcomes.refused++;
      if (!(error instanceof UserError) || /[\n\r]/.test(`${error.message}${error.hint}`))
        wrong[seed] = error;
    }
    if (performance.now() - start > SLOWEST_MS) wrong[seed] = `took ${performance.now() - start} ms`;
  }
  expect(wrong).toEqual({});
  expect(outcomes.computed).toBeGreaterThan(CASES / 20);
  expect(outcomes.refused).toBeGreaterThan(CASES / 4);
});
