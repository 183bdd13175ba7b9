import type { Snapshot } from './arena.ts';
import { type Outcome, ROUNDING, type Sum } from './outcome.ts';

/** Below this float32 has fewer digits. */
const TINY = 2 ** -126;

/** What a call is expected to leave. */
export class Expected implements Outcome {
  readonly #checks = new Map<number, (after: Snapshot) => string | undefined>();
  readonly #free = new Set<number>();
  readonly #named = new Set<number>();

  float(address: number, value: number, error?: number): void {
    this.#check(address, 4, (after) => {
      const actual = after.float(address);
      const fits =
        error === undefined
          ? Object.is(actual, Math.fround(value))
          : Math.abs(actual - value) <= error + TINY;
      return fits ? undefined : `float32 ${actual}, expected ${value} within ${error ?? 'no error'}`;
    });
  }

  sum(address: number, { total, magnitude, terms }: Sum): void {
    this.float(address, total, (terms + 2) * ROUNDING * magnitude);
  }

  double(address: number, value: number, error: number): void {
    this.#check(address, 8, (after) => {
      const actual = after.double(address);
      return Math.abs(actual - value) <= error
        ? undefined
        : `float64 ${actual}, expected ${value} within ${error}`;
    });
  }

  word(address: number, value: number): void {
    this.#check(address, 4, (after) =>
      after.word(address) === value ? undefined : `word ${after.word(address)}, expected ${value}`,
    );
  }

  byte(address: number, value: number): void {
    this.#check(address, 1, (after) =>
      after.byte(address) === value ? undefined : `byte ${after.byte(address)}, expected ${value}`,
    );
  }

  anything(address: number, bytes: number): void {
    for (let byte = 0; byte < bytes; byte++) this.#free.add(address + byte);
  }

  /** Fails unless `after` is what was expected, and as `before` elsewhere. */
  verify(before: Snapshot, after: Snapshot): void {
    for (const [address, check] of this.#checks) {
      const complaint = check(after);
      if (complaint) throw new Error(`at ${address}: ${complaint}`);
    }
    for (let i = 0; i < before.bytes.length; i++) {
      const address = before.start + i;
      if (before.bytes[i] !== after.bytes[i] && !this.#free.has(address) && !this.#named.has(address))
        throw new Error(
          `byte ${address} changed from ${before.bytes[i]} to ${after.bytes[i]}; nothing may write there`,
        );
    }
  }

  #check(address: number, bytes: number, check: (after: Snapshot) => string | undefined): void {
    this.#checks.set(address, check);
    for (let byte = 0; byte < bytes; byte++) this.#named.add(address + byte);
  }
}
