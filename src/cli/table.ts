import Table from 'cli-table3';
import stringWidth from 'string-width';

/** Rows under a heading as text without colours, the first column flush left and all others flush right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** Columns that a terminal shows a text in, as the table measures them. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}
