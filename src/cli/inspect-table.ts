import { brokenLines, shownName } from './shown-name.ts';
import { formatTable } from './table.ts';

const COLUMNS = 80;
/** Characters that a table draws around each cell: a border and two blanks. One more border ends the row. */
const DRAWN_PER_COLUMN = 3;
const NARROWEST_NAME = 12;

/** A row of a table whose first column holds names. */
export interface NamedRow {
  readonly name: string;
  /** Warnings, each on a line of its own below the name. */
  readonly marks?: readonly string[];
  /** Texts of the other columns. */
  readonly cells: readonly string[];
}

/** A table that fits 80 columns: names in the first column are broken, at slashes where there are any. */
export function formatNamedTable(head: readonly string[], rows: readonly NamedRow[]): string {
  const others = head
    .slice(1)
    .map((title, column) => widest([title, ...rows.map(({ cells }) => cells[column]!)]));
  const taken = others.reduce((sum, width) => sum + width, 0) + DRAWN_PER_COLUMN * head.length + 1;
  const room = Math.max(NARROWEST_NAME, COLUMNS - taken);
  return formatTable(
    head,
    rows.map(({ name, marks = [], cells }) => [
      [
        ...brokenLines(shownName(name), room),
        ...marks.flatMap((mark) => brokenLines(`! ${mark}`, room)),
      ].join('\n'),
      ...cells,
    ]),
  );
}

/** `Math.max(...)` would fail on long lists: a call takes only so many arguments. */
function widest(texts: readonly string[]): number {
  return texts.reduce((width, { length }) => Math.max(width, length), 0);
}
