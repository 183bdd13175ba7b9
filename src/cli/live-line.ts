import type { Output } from './context.ts';

/** One line of a terminal that is written again and again, below whatever else is printed. */
export interface LiveLine {
  /** Shows as many of the parts, from the first on, as fit into one row. */
  update(parts: readonly string[]): void;
  /** Removes the line. It comes back with the next update. */
  clear(): void;
}

/** A live line, or undefined where the output is no terminal that a person watches. */
export async function liveLine(output: Output): Promise<LiveLine | undefined> {
  const { default: ora } = await import('ora');
  // ora colours whatever NO_COLOR says, would put the keyboard into raw mode, and to bring back a cursor that it hid would listen to
  // signals, which must end the process.
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
      // The event loop turns too seldom, between training steps, for ora's own timer.
      if (spinner.isSpinning) spinner.render();
      else spinner.start();
    },
    clear: () => spinner.stop(),
  };
}

const SPINNER_WIDTH = 3;
const SEPARATOR = '  ';

/** The longest row of leading parts that fits into `columns`. */
export function joinWithin(parts: readonly string[], columns: number): string {
  const rows = parts.map((_, index) => parts.slice(0, index + 1).join(SEPARATOR));
  return rows.findLast((row) => row.length <= columns) ?? '';
}
