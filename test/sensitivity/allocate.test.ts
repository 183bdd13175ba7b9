import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHparams } from '../../src/hparams/index.ts';
import { allocate, type Curve, reach } from '../../src/sensitivity/allocate.ts';
import { allocationHparams } from '../../src/sensitivity/index.ts';

const curve = (name: string, size: number, ...points: readonly (readonly [number, number])[]): Curve => ({
  name,
  size,
  points: points.map(([sparsity, crossEntropy]) => ({ sparsity, crossEntropy, accuracy: 0 })),
});

test('weights go where they cost least, by hand', () => {
  // a loses 1 nat for its 100 weights, b 0.2 for its first 50 and 2 for the others.
  const curves = [curve('a', 100, [0, 1], [1, 2]), curve('b', 100, [0, 1], [0.5, 1.2], [1, 3.2])];
  expect(reach(curves)).toEqual({ least: 0, most: 1 });
  expect([...allocate(curves, 0.25)]).toEqual([
    ['a', 0],
    ['b', 0.5],
  ]);
  expect([...allocate(curves, 0.5)]).toEqual([
    ['a', 0.5],
    ['b', 0.5],
  ]);
  expect([...allocate(curves, 1)]).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('a point above the line between its neighbours is passed over', () => {
  const curves = [curve('a', 10, [0, 1], [0.4, 9], [0.8, 1.1]), curve('b', 10, [0, 1], [0.8, 2])];
  expect([...allocate(curves, 0.4)]).toEqual([
    ['a', 0.8],
    ['b', 0],
  ]);
});

test('no other allocation of two layers on a fine grid loses less', () => {
  const losses = fc.array(fc.integer({ min: -5, max: 50 }), { minLength: 4, maxLength: 4 });
  const size = fc.integer({ min: 1, max: 50 });
  const at = (points: readonly number[], sparsity: number) => {
    const position = sparsity * 4;
    const below = Math.min(3, Math.floor(position));
    return points[below]! + (points[below + 1]! - points[below]!) * (position - below);
  };
  fc.assert(
    fc.property(
      losses,
      losses,
      size,
      size,
      fc.integer({ min: 0, max: 100 }),
      (a, b, sizeA, sizeB, percent) => {
        // Convex, so that lines between points are what the allocation takes them for.
        const [lossA, lossB] = [a, b].map((steps) => {
          const rising = steps.toSorted((x, y) => x - y);
          return [
            0,
            ...rising.map((_, index) => rising.slice(0, index + 1).reduce((sum, step) => sum + step, 0)),
          ];
        }) as [number[], number[]];
        const points = (loss: readonly number[]) => loss.map((each, index) => [index / 4, each] as const);
        const curves = [curve('a', sizeA, ...points(lossA)), curve('b', sizeB, ...points(lossB))];
        const target = percent / 100;
        const found = allocate(curves, target);
        const [sparsityA, sparsityB] = [found.get('a')!, found.get('b')!];
        const zeros = target * (sizeA + sizeB);
        expect(sparsityA * sizeA + sparsityB * sizeB).toBeCloseTo(zeros, 6);
        const loss = at(lossA, sparsityA) + at(lossB, sparsityB);
        for (let i = 0; i <= 200; i++) {
          const other = (zeros - (i / 200) * sizeA) / sizeB;
          if (other < 0 || other > 1) continue;
          expect(loss).toBeLessThanOrEqual(at(lossA, i / 200) + at(lossB, other) + 1e-6);
        }
      },
    ),
  );
});

test('it is written as hparams that train takes', () => {
  const text = allocationHparams(
    new Map([
      ['conv1/weights', 0.5],
      ['local3/weights', 1],
    ]),
    0.90004,
  );
  expect(parseHparams(text)).toMatchObject({
    target_sparsity: 0.9,
    weight_sparsity_map: ['conv1/weights:0.5000', 'local3/weights:0.9999'],
  });
});
