import { describe, expect, test } from 'vitest';
import { WEIGHT_FORMATS } from '../../src/export/weight-format.ts';
import { storeWeights } from '../../src/export/weights/index.ts';
import { graphDef } from '../../src/graph/index.ts';
import { frozenGraph } from '../../src/inspect/frozen-graph.ts';
import { floats, image, op, sliding } from '../runtime/graphs.ts';

const NAME = 'conv/weights/masked_weight';
/** Multiples of 1/127 of the largest of each output, which int8 holds exactly; nine of ten are zero. */
const VALUES = Array.from({ length: 2880 }, (_, index) =>
  index % 10 === 0 ? (index % 20 === 0 ? 1 : -1) / 2 : 0,
);

const dense = graphDef([
  image(-1, 6, 6, 32),
  floats(NAME, [3, 3, 32, 10], VALUES),
  op('conv', 'Conv2D', ['images', NAME], sliding('SAME', 1)),
]);

describe.each(WEIGHT_FORMATS)('weights stored %s', (format) => {
  test('are decoded before they are looked at', () => {
    const { weights, notices } = frozenGraph(storeWeights(dense, format));
    expect(notices).toEqual([]);
    expect(weights).toMatchObject([{ name: NAME, shape: [3, 3, 32, 10], uses: 36 }]);
    expect(Array.from(weights[0]!.effective.values, (value) => Math.round(value * 1000) / 1000 + 0)).toEqual(
      VALUES,
    );
    const share = weights[0]!.storedBytes / (4 * VALUES.length);
    if (format === 'dense') expect(share).toBe(1);
    else expect(share).toBeLessThan(0.51);
  });
});
