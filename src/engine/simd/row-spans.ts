/** Rows of outputs that read the same taps; the other taps lie in the padding, above or below the image. */
export interface RowSpan {
  readonly firstRow: number;
  readonly endRow: number;
  readonly firstTap: number;
  readonly endTap: number;
}

/** Where the rows lie that taps read: output row r and tap row k read the padded row first + r * stride + k * step. */
export interface TapRows {
  /** Output rows. */
  readonly rows: number;
  /** Rows of taps, of which each has as many taps, one row after the other. */
  readonly tapRows: number;
  readonly tapsInRow: number;
  readonly first: number;
  readonly stride: number;
  readonly step: number;
  /** The padded rows that are not padding. */
  readonly image: { readonly first: number; readonly end: number };
}

/** The output rows in their order, with the taps that do not read padding. */
export function rowSpans({ rows, tapRows, tapsInRow, first, stride, step, image }: TapRows): RowSpan[] {
  const spanOf = (row: number): RowSpan => {
    const isRead = (tapRow: number) => {
      const padded = first + row * stride + tapRow * step;
      return padded >= image.first && padded < image.end;
    };
    const read = [...Array(tapRows).keys()].filter(isRead);
    const [from, to] = read.length > 0 ? [read[0]!, read.at(-1)! + 1] : [0, 0];
    return { firstRow: row, endRow: row + 1, firstTap: from * tapsInRow, endTap: to * tapsInRow };
  };
  const sameTaps = (a: RowSpan, b: RowSpan) => a.firstTap === b.firstTap && a.endTap === b.endTap;
  return joinNeighbours(
    Array.from({ length: rows }, (_, row) => spanOf(row)),
    sameTaps,
  );
}

/** The spans of so many rows from `firstRow` on, counted from there. Without spans, rows read all taps. */
export function spansWithin(
  spans: readonly RowSpan[] | undefined,
  { firstRow = 0, rows }: { readonly firstRow?: number; readonly rows: number },
  taps: number,
): readonly RowSpan[] {
  if (!spans) return [{ firstRow: 0, endRow: rows, firstTap: 0, endTap: taps }];
  if (firstRow === 0 && rows === spans.at(-1)?.endRow) return spans;
  return spans
    .map((span) => ({
      ...span,
      firstRow: Math.max(0, span.firstRow - firstRow),
      endRow: Math.min(rows, span.endRow - firstRow),
    }))
    .filter((span) => span.firstRow < span.endRow);
}

/** The taps in their order, so many at a time, with the output rows at which any of these does not read padding. */
export function tapSpans(spans: readonly RowSpan[], taps: number, atOnce: number): RowSpan[] {
  const spanOf = (firstTap: number): RowSpan => {
    const endTap = firstTap + atOnce;
    const reading = spans.filter((span) => span.firstTap < endTap && span.endTap > firstTap);
    return {
      firstRow: reading[0]?.firstRow ?? 0,
      endRow: reading.at(-1)?.endRow ?? 0,
      firstTap,
      endTap,
    };
  };
  const sameRows = (a: RowSpan, b: RowSpan) => a.firstRow === b.firstRow && a.endRow === b.endRow;
  return joinNeighbours(
    Array.from({ length: Math.ceil(taps / atOnce) }, (_, group) => spanOf(group * atOnce)),
    sameRows,
  );
}

function joinNeighbours(spans: readonly RowSpan[], alike: (a: RowSpan, b: RowSpan) => boolean): RowSpan[] {
  const joined: RowSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && alike(last, span))
      joined[joined.length - 1] = { ...last, endRow: span.endRow, endTap: span.endTap };
    else joined.push(span);
  }
  return joined;
}
