import { element } from './dom.ts';

export interface Column<Row> {
  readonly title: string;
  readonly isNumber: boolean;
  /** The value that rows are sorted by; rows without one come last. */
  readonly value: (row: Row) => number | string | undefined;
  readonly text: (row: Row) => string;
}

/** A table that a click on a header sorts, in a frame that scrolls on narrow screens. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): HTMLElement {
  const body = element('tbody');
  const headers = columns.map(({ title, isNumber }) => {
    const button = element('button', { type: 'button' }, title);
    return { button, cell: element('th', { scope: 'col', ...(isNumber && { class: 'number' }) }, button) };
  });
  const fill = (sorted: readonly Row[]) => body.replaceChildren(...sorted.map((row) => rowOf(columns, row)));
  for (const [index, { button, cell }] of headers.entries())
    button.addEventListener('click', () => {
      const direction = cell.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
      for (const other of headers) other.cell.removeAttribute('aria-sort');
      cell.setAttribute('aria-sort', direction);
      fill(sortedBy(rows, columns[index]!, direction));
    });
  fill(rows);
  return element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
    element(
      'table',
      {},
      element('caption', { class: 'hidden' }, caption),
      element('thead', {}, element('tr', {}, ...headers.map(({ cell }) => cell))),
      body,
    ),
  );
}

function rowOf<Row>(columns: readonly Column<Row>[], row: Row): HTMLElement {
  const cells = columns.map(({ isNumber, text }, index) =>
    index === 0
      ? element('th', { scope: 'row' }, text(row))
      : element('td', isNumber ? { class: 'number' } : {}, text(row)),
  );
  return element('tr', {}, ...cells);
}

function sortedBy<Row>(
  rows: readonly Row[],
  { value }: Column<Row>,
  direction: 'ascending' | 'descending',
): Row[] {
  const [known, unknown] = [true, false].map((isKnown) =>
    rows.filter((row) => (value(row) !== undefined) === isKnown),
  ) as [Row[], Row[]];
  const sorted = known.sort((one, other) => compare(value(one)!, value(other)!));
  return [...(direction === 'ascending' ? sorted : sorted.reverse()), ...unknown];
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return `${one}`.localeCompare(`${other}`, 'en', { numeric: true });
}
