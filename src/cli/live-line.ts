import type { Output } from './context.ts';

/** A line on a terminal that is rewritten in place, below all other output. */
export interface LiveLine {
  /** Shows as many of the parts, from the first on, as fit into one row. */
  update(parts: readonly string[]): void;
  /** Removes the line. It comes back with the next update. */
  clear(): void;
}

/** A live line, or undefined if the output is not a terminal that a person watches. */
export async function liveLine(output: Output): Promise<LiveLine | undefined> {
  const { default: ora } = await import('ora');
  // By default ora ignores NO_COLOR, puts the keyboard into raw mode, and hides the cursor, for which it catches signals that must end
  // the process.
  const spinner = ora({
    stream: output,
    discardStdin: false,
    hideCursor: false,
    color: process.env.NO_COLOR ? false : 'cyan',
  });
  if (!spinner.isEnabled) return undefined;
  return {
    update: (parts) => {
      spinner.text = joinWithin(parts, (output.columns ?? 80) - SPINNER_WIDTH);
      // Training steps keep the event loop busy for too long for ora's own timer.
      if (spinner.isSpinning) spinner.render();
      else spinner.start();
    },
    clear: () => spinner.stop(),
  };
}

const SPINNER_WIDTH = 3;
const SEPARATOR = '  ';

/** As many of the parts, from the first on, as fit into `columns` with separators between them. */
export function joinWithin(parts: readonly string[], columns: number): string {
  const rows = parts.map((_, index) => parts.slice(0, index + 1).join(SEPARATOR));
  return rows.findLast((row) => row.length <= columns) ?? '';
}
