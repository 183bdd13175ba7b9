import type { Draw } from '../../runtime/mutations.ts';

/** A reader and what to give it. */
export interface Target {
  /** What it reads without complaint. */
  readonly whole: readonly Uint8Array[];
  damage(bytes: Uint8Array, draw: Draw): Uint8Array;
  /** May throw a UserError, and nothing else. */
  read(bytes: Uint8Array): unknown;
  /** How many times fewer cases it gets than others because each takes long. */
  readonly slowness?: number;
}
