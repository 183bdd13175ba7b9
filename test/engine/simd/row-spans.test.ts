import { describe, expect, test } from 'vitest';
import { rowSpans, spansWithin, tapSpans } from '../../../src/engine/simd/row-spans.ts';

const span = (firstRow: number, endRow: number, firstTap: number, endTap: number) => ({
  firstRow,
  endRow,
  firstTap,
  endTap,
});

/** A window of five rows over twelve, padded by two above and below, each with two taps. */
const SPANS = rowSpans({
  rows: 12,
  tapRows: 5,
  tapsInRow: 2,
  first: 0,
  stride: 1,
  step: 1,
  image: { first: 2, end: 14 },
});

describe('rows of outputs and the taps they read', () => {
  test('leave out taps above and below the image', () => {
    expect(SPANS).toEqual([
      span(0, 1, 4, 10),
      span(1, 2, 2, 10),
      span(2, 10, 0, 10),
      span(10, 11, 0, 8),
      span(11, 12, 0, 6),
    ]);
  });

  test('follow strides, and rows of taps that go upwards', () => {
    const image = { first: 1, end: 5 };
    const down = rowSpans({ rows: 2, tapRows: 3, tapsInRow: 1, first: 0, stride: 2, step: 1, image });
    expect(down).toEqual([span(0, 1, 1, 3), span(1, 2, 0, 3)]);
    const up = rowSpans({ rows: 4, tapRows: 3, tapsInRow: 1, first: 2, stride: 1, step: -1, image });
    expect(up).toEqual([span(0, 1, 0, 2), span(1, 3, 0, 3), span(3, 4, 1, 3)]);
  });

  test('read nothing where a window lies in the padding alone', () => {
    const image = { first: 3, end: 4 };
    const spans = rowSpans({ rows: 2, tapRows: 2, tapsInRow: 1, first: 0, stride: 1, step: 5, image });
    expect(spans).toEqual([span(0, 2, 0, 0)]);
  });

  test('are cut to the rows asked for', () => {
    expect(spansWithin(SPANS, { firstRow: 1, rows: 2 }, 10)).toEqual([span(0, 1, 2, 10), span(1, 2, 0, 10)]);
    expect(spansWithin(undefined, { rows: 3 }, 7)).toEqual([span(0, 3, 0, 7)]);
  });
});

test('taps three at a time have the rows at which any of them is read', () => {
  expect(tapSpans(SPANS, 10, 3)).toEqual([
    span(1, 12, 0, 3),
    span(0, 12, 3, 6),
    span(0, 11, 6, 9),
    span(0, 10, 9, 12),
  ]);
});
