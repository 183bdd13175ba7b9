import { brokenLines, shownName } from './shown-name.ts';
import { formatTable } from './table.ts';

const COLUMNS = 80;
/** What a table draws beside the cells: a line and two blanks a column, and a last line. */
const DRAWN_PER_COLUMN = 3;
const NARROWEST_NAME = 12;

/** A row of a table whose first column holds names. */
export interface NamedRow {
  readonly name: string;
  /** What must not be overlooked, each on a line of its own below the name. */
  readonly marks?: readonly string[];
  /** Of the other columns. */
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

/** Not by spreading the texts as arguments, of which a call takes only so many. */
function widest(texts: readonly string[]): number {
  return texts.reduce((width, { length }) => Math.max(width, length), 0);
}
