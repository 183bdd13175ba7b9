import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  proposeForLoss,
  proposeForTarget,
  type SensitivityOptions,
  sensitivityCurves,
} from '../../src/sensitivity/index.ts';
import { GraphDefSchema } from '../../src/wire/protos.ts';
import { bytesOf, floats, image, op } from '../runtime/graphs.ts';

/** Two products of matrices, of which the second passes on what the first gives. */
const FIRST = [4, 0.5, 0.1, 3];
const SECOND = [2, 0.2, 0, 1];
const graph = fromBinary(
  GraphDefSchema,
  bytesOf([
    image(-1, 2),
    floats('first/weights/masked_weight', [2, 2], FIRST),
    op('hidden', 'MatMul', ['images', 'first/weights/masked_weight']),
    floats('second/weights/masked_weight', [2, 2], SECOND),
    op('logits', 'MatMul', ['hidden', 'second/weights/masked_weight']),
  ]),
);
const IMAGES = [
  [1, 0],
  [0, 1],
  [0.3, 0.4],
  [-1, 0.5],
];
const LABELS = [0, 1, 0, 1];
const options: SensitivityOptions = {
  batches: [
    { images: Float32Array.from(IMAGES.slice(0, 3).flat()), labels: Uint8Array.from(LABELS.slice(0, 3)) },
    { images: Float32Array.from(IMAGES[3]!), labels: Uint8Array.from(LABELS.slice(3)) },
  ],
  model: { threads: 1 },
};

const product = ([x, y]: readonly number[], [a, b, c, d]: readonly number[]) => [
  x! * a! + y! * c!,
  x! * b! + y! * d!,
];

/** What the network does with these weights, in float64. */
function expected(first: readonly number[], second: readonly number[]) {
  const logits = IMAGES.map((each) => product(product(each, first), second));
  const losses = logits.map(
    (row, index) => Math.log(Math.exp(row[0]!) + Math.exp(row[1]!)) - row[LABELS[index]!]!,
  );
  const right = logits.filter((row, index) => Number(row[1]! > row[0]!) === LABELS[index]);
  return {
    crossEntropy: expect.closeTo(losses.reduce((sum, loss) => sum + loss) / 4, 5),
    accuracy: right.length / 4,
  };
}

describe('of a network small enough to compute by hand', () => {
  test('each layer is pruned alone, by magnitude, from where it is', async () => {
    const curves = await sensitivityCurves(graph, [0.75, 0.5, 0.2, 0.5], options);
    expect(curves).toEqual([
      {
        name: 'first/weights',
        size: 4,
        points: [
          { sparsity: 0, ...expected(FIRST, SECOND) },
          { sparsity: 0.2, ...expected([4, 0.5, 0, 3], SECOND) },
          { sparsity: 0.5, ...expected([4, 0, 0, 3], SECOND) },
          { sparsity: 0.75, ...expected([4, 0, 0, 0], SECOND) },
        ],
      },
      {
        name: 'second/weights',
        size: 4,
        points: [
          { sparsity: 0.25, ...expected(FIRST, SECOND) },
          { sparsity: 0.5, ...expected(FIRST, [2, 0, 0, 1]) },
          { sparsity: 0.75, ...expected(FIRST, [2, 0, 0, 0]) },
        ],
      },
    ]);
  });

  test('what is proposed has the total asked for, and is measured as a whole', async () => {
    const curves = await sensitivityCurves(graph, [0.5, 0.75], options);
    expect(await proposeForTarget(graph, curves, 0.75, options)).toEqual({
      allocation: new Map([
        ['first/weights', 0.75],
        ['second/weights', 0.75],
      ]),
      sparsity: 0.75,
      ...expected([4, 0, 0, 0], [2, 0, 0, 0]),
    });
    const asItIs = await proposeForTarget(graph, curves, 0.125, options);
    expect(asItIs).toMatchObject(expected(FIRST, SECOND));
    for (const target of [0.1, 0.76])
      await expect(proposeForTarget(graph, curves, target, options)).rejects.toMatchObject({
        code: 'argument',
      });
  });

  test('a loss of accuracy that is allowed is used, and none beyond it', async () => {
    const curves = await sensitivityCurves(graph, [0.5, 0.75], options);
    const whole = curves[0]!.points[0]!.accuracy;
    const careful = await proposeForLoss(graph, curves, 0, options);
    expect(careful.accuracy).toBeGreaterThanOrEqual(whole);
    expect(careful.sparsity).toBeGreaterThan(0.125);
    expect((await proposeForLoss(graph, curves, 1, options)).sparsity).toBe(0.75);
  });
});
