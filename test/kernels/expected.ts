import { expect } from 'vitest';
import type { Snapshot } from './arena.ts';

/** Half a unit in the last place of float32, relative. */
export const ROUNDING = 2 ** -24;

/** Below this float32 has fewer digits. */
const TINY = 2 ** -126;

/** What a call must leave in memory. What it does not name must stay as it was. */
export class Expected {
  readonly #checks = new Map<number, (after: Snapshot) => string | undefined>();
  readonly #free = new Set<number>();
  readonly #named = new Set<number>();

  /** A float32: the bits of `value` rounded or, where an error is allowed, at most that far away. */
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

  /** A sum of products in any order and with any of them fused: as exact as float32 makes it. */
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

  /** So many bytes may hold anything afterwards, unless they are named otherwise. */
  anything(address: number, bytes: number): void {
    for (let byte = 0; byte < bytes; byte++) this.#free.add(address + byte);
  }

  /** Fails unless `after` is what was expected, and as `before` elsewhere. */
  verify(before: Snapshot, after: Snapshot): void {
    for (const [address, check] of this.#checks) {
      const complaint = check(after);
      if (complaint) expect.fail(`at ${address}: ${complaint}`);
    }
    for (let i = 0; i < before.bytes.length; i++) {
      const address = before.start + i;
      if (before.bytes[i] !== after.bytes[i] && !this.#free.has(address) && !this.#named.has(address))
        expect.fail(
          `byte ${address} changed from ${before.bytes[i]} to ${after.bytes[i]}; nothing may write there`,
        );
    }
  }

  #check(address: number, bytes: number, check: (after: Snapshot) => string | undefined): void {
    this.#checks.set(address, check);
    for (let byte = 0; byte < bytes; byte++) this.#named.add(address + byte);
  }
}

/** A sum of float64 terms, with what its rounding in float32 is measured by. */
export class Sum {
  total = 0;
  /** The sum of the terms' magnitudes. */
  magnitude = 0;
  terms = 0;

  add(term: number): this {
    this.total += term;
    this.magnitude += Math.abs(term);
    this.terms++;
    return this;
  }

  /** Not below `floor`. */
  atLeast(floor: number): Sum {
    return Object.assign(new Sum(), this, { total: Math.max(floor, this.total) });
  }
}
