/** Half a unit in the last place of float32, relative. */
export const ROUNDING = 2 ** -24;

/** What a call leaves in memory, by address. What is not named stays as it was. */
export interface Outcome {
  /** A float32: the bits of `value` rounded or, where an error is allowed, at most that far away. */
  float(address: number, value: number, error?: number): void;
  /** A sum of products in any order and with any of them fused: as exact as float32 makes it. */
  sum(address: number, sum: Sum): void;
  double(address: number, value: number, error: number): void;
  word(address: number, value: number): void;
  byte(address: number, value: number): void;
  /** So many bytes may hold anything afterwards, unless they are named otherwise. */
  anything(address: number, bytes: number): void;
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
