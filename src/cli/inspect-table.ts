import { formatTable } from './table.ts';

const COLUMNS = 80;
/** What a table draws beside the cells: a line and two blanks a column, and a last line. */
const DRAWN_PER_COLUMN = 3;
const NARROWEST_NAME = 12;

/** A table that fits 80 columns: names in the first column are broken, at slashes where there are any. */
export function formatNamedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const others = head
    .slice(1)
    .map((title, column) => widest([title, ...rows.map((row) => row[column + 1]!)]));
  const taken = others.reduce((sum, width) => sum + width, 0) + DRAWN_PER_COLUMN * head.length + 1;
  const room = Math.max(NARROWEST_NAME, COLUMNS - taken);
  return formatTable(
    head,
    rows.map(([name = '', ...cells]) => [broken(name, room), ...cells]),
  );
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

/** On several lines of at most `width`, all but the first indented. */
function broken(name: string, width: number): string {
  if (name.length <= width) return name;
  const head = name.slice(0, width);
  const end = head.lastIndexOf('/') + 1 || width;
  // The indent must leave something to go on with.
  const rest = broken(name.slice(end), width - 1).replaceAll('\n', '\n ');
  return `${name.slice(0, end)}\n ${rest}`;
}
