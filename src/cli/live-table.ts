import type { Output } from './context.ts';

/** Several lines of a terminal that are written again and again. */
export interface LiveTable {
  update(text: string): void;
  /** Leaves the lines as they are. */
  end(): void;
}

/** A live table, or undefined where the output is no terminal that a person watches. */
export async function liveTable(output: Output): Promise<LiveTable | undefined> {
  if (!output.isTTY || process.env.TERM === 'dumb' || process.env.CI) return undefined;
  const { createLogUpdate } = await import('log-update');
  // To bring back a cursor that it hid it would listen to signals, which must end the process.
  const lines = createLogUpdate(output as NodeJS.WriteStream, { showCursor: true });
  return { update: (text) => lines(text), end: () => lines.done() };
}
