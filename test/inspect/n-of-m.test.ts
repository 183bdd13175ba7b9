import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nOfMStructure } from '../../src/inspect/n-of-m.ts';

test('2:4 down the inputs of every output', () => {
  const inputsByOutputs = [
    [1, 0],
    [0, 0],
    [1, 2],
    [0, 2],
    [0, 5],
    [0, 0],
    [3, 5],
    [3, 0],
  ];
  expect(nOfMStructure([8, 2], inputsByOutputs.flat())).toMatchObject({ n: 2, m: 4 });
});

test('a group that begins elsewhere may hold more', () => {
  expect(nOfMStructure([8, 1], [0, 0, 1, 1, 1, 1, 0, 0])).toMatchObject({ n: 2, m: 4 });
});

test('the tightest is told: 1:8 rather than the 1:4 that follows from it', () => {
  const oneOfEight = Array.from({ length: 16 }, (_, input) => (input % 8 === 3 ? 1 : 0));
  expect(nOfMStructure([16, 1], oneOfEight)).toMatchObject({ n: 1, m: 8 });
  expect(nOfMStructure([16, 1], [...oneOfEight.slice(0, 8), ...new Array(8).fill(0)])).toMatchObject({
    n: 1,
    m: 16,
  });
});

test('the inputs of a convolution are the channels, not the pixels of the filter', () => {
  // [height 1, width 4, inputs 4, outputs 1]: every pixel has 2 of its 4 channels.
  const filter = [1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0];
  expect(nOfMStructure([1, 4, 4, 1], filter)).toMatchObject({ n: 2, m: 4 });
  expect(nOfMStructure([4, 4, 1, 1], filter)).toBeUndefined();
});

test('full groups and an axis shorter than a group are no structure', () => {
  expect(nOfMStructure([8, 1], [1, 1, 1, 1, 0, 0, 0, 0])).toMatchObject({ n: 4, m: 8 });
  expect(nOfMStructure([4, 1], [1, 1, 1, 1])).toBeUndefined();
  expect(nOfMStructure([3, 1], [1, 0, 0])).toBeUndefined();
});

test('zeros alone fit every structure, so that a column of them does not hide that of the others', () => {
  expect(nOfMStructure([4, 1], [0, 0, 0, 0])).toEqual({ n: 0, m: 4, chance: 1 });
  const rows = Array.from({ length: 64 }, (_, input) => [input % 4 < 2 ? 1 : 0, 0, 0, 0]);
  const [alone, beside] = [rows.map(([value]) => value!), rows.flat()];
  const expected = { n: 2, m: 4, chance: (11 / 16) ** 16 };
  expect(nOfMStructure([64, 1], alone)).toMatchObject({ n: 2, m: 4 });
  expect(nOfMStructure([64, 1], alone)!.chance).toBeCloseTo(expected.chance, 12);
  expect(nOfMStructure([64, 4], beside)!.chance).toBeCloseTo(expected.chance, 12);
});

test('says how probably random zeros would look so', () => {
  // Two groups of four, half of the weights zero: of 16 patterns of a group 11 have at most two survivors.
  expect(nOfMStructure([8, 1], [1, 1, 0, 0, 0, 0, 1, 1])!.chance).toBeCloseTo((11 / 16) ** 2, 12);
  const half = Array.from({ length: 4000 }, (_, input) => (input % 4 < 2 ? 1 : 0));
  expect(nOfMStructure([4000, 1], half)!.chance).toBeLessThan(1e-100);
});

test('the structure is true, and no tighter one is', () => {
  const pruned = fc
    .record({ inputs: fc.integer({ min: 1, max: 40 }), outputs: fc.integer({ min: 1, max: 3 }) })
    .chain(({ inputs, outputs }) =>
      fc
        .array(fc.integer({ min: -1, max: 1 }), { minLength: inputs * outputs, maxLength: inputs * outputs })
        .map((values) => ({ inputs, outputs, values })),
    );
  fc.assert(
    fc.property(pruned, ({ inputs, outputs, values }) => {
      const most = (m: number) => {
        const groups = new Map<string, number>();
        values.forEach((value, at) => {
          const group = `${Math.floor(Math.floor(at / outputs) / m)} ${at % outputs}`;
          groups.set(group, (groups.get(group) ?? 0) + Math.abs(value));
        });
        return Math.max(...groups.values());
      };
      const ratios = [4, 8, 16].filter((m) => m <= inputs && most(m) < m).map((m) => most(m) / m);
      const found = nOfMStructure([inputs, outputs], values);
      expect(found && found.n / found.m).toBe(ratios.length > 0 ? Math.min(...ratios) : undefined);
      if (found) expect(most(found.m)).toBe(found.n);
    }),
    { seed: 1 },
  );
});
