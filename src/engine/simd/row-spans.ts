/** Output rows `firstRow` to `endRow` - 1. They need taps `firstTap` to `endTap` - 1; other taps read padding above or below the image. */
export interface RowSpan {
  readonly firstRow: number;
  readonly endRow: number;
  readonly firstTap: number;
  readonly endTap: number;
}

/** Which padded rows taps read: for output row r, tap row k reads the padded row first + r * stride + k * step. */
export interface TapRows {
  /** Number of output rows. */
  readonly rows: number;
  /** Number of rows of taps. Taps are listed row by row, `tapsInRow` in each. */
  readonly tapRows: number;
  readonly tapsInRow: number;
  readonly first: number;
  readonly stride: number;
  readonly step: number;
  /** The padded rows that are not padding. */
  readonly image: { readonly first: number; readonly end: number };
}

/** Groups neighbouring output rows that need the same taps, in the order of rows. */
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

/** The spans of `rows` rows from `firstRow` on, with rows counted from `firstRow`. Without spans, all rows need all taps. */
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

/** Cuts the taps into groups of `atOnce`, each with the output rows that need any of its taps. Joins groups with the same rows. */
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
