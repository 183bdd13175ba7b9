import type { Flag } from '../flag.ts';

/** Axes of a sweep's grid in one text: `batch_size=64,128; pruning_frequency=10,100`. */
export const GRID_FLAG: Flag<Readonly<Record<string, readonly string[]>> | undefined> = {
  toggle: false,
  placeholder: 'NAME=V,V;...',
  default: undefined,
  required: false,
  doc: 'Further axes of the grid: any flag of train or hparam, such as "batch_size=64,128; pruning_frequency=10,100"',
  expected: 'NAME=VALUE,VALUE between semicolons, each name once',
  parse: (text) => {
    const axes = text.split(';').map((axis) => /^\s*(\w+)\s*=(.+)$/s.exec(axis));
    const entries = axes.map((axis) => (axis ? ([axis[1]!, splitValues(axis[2]!)] as const) : undefined));
    if (!entries.every((entry) => entry !== undefined)) return undefined;
    if (new Set(entries.map(([name]) => name)).size < entries.length) return undefined;
    return entries.some(([, values]) => values.includes('')) ? undefined : Object.fromEntries(entries);
  },
};

/** Splits at commas, except at those inside brackets. */
function splitValues(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((value) => value.trim());
}
