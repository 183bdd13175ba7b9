import type { Output } from './context.ts';

/** Lines on a terminal that are rewritten in place. */
export interface LiveTable {
  update(text: string): void;
  /** Stops updates and leaves the last lines on the terminal. */
  end(): void;
}

/** A live table, or undefined if the output is not a terminal that a person watches. */
export async function liveTable(output: Output): Promise<LiveTable | undefined> {
  if (!output.isTTY || process.env.TERM === 'dumb' || process.env.CI) return undefined;
  const { createLogUpdate } = await import('log-update');
  // If log-update hid the cursor, it would catch signals to show it again; signals must end the process.
  const lines = createLogUpdate(output as NodeJS.WriteStream, { showCursor: true });
  return { update: (text) => lines(text), end: () => lines.done() };
}
