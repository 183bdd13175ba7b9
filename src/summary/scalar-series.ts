/** The values of a tag in the order in which they were written; as many steps as values. */
export interface Scalars {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** More points than a chart can show. Even, so that the point after the last has an even index. */
export const MOST_POINTS = 2048;

/** Collects the values of a tag. Whenever there are too many, every second one is dropped; the last one always stays. */
export class ScalarSeries {
  #points: (readonly [step: number, value: number])[] = [];
  /** Of this many new values, one is kept. */
  #stride = 1;
  #seen = 0;
  /** The last value, unless it is kept already. */
  #latest: readonly [step: number, value: number] | undefined;

  add(step: number, value: number): void {
    const point = [step, value] as const;
    const isKept = this.#seen % this.#stride === 0;
    this.#seen++;
    this.#latest = isKept ? undefined : point;
    if (!isKept) return;
    this.#points.push(point);
    if (this.#points.length <= MOST_POINTS) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** Drops the values from `step` on. */
  dropFrom(step: number): void {
    this.#points = this.#points.filter(([each]) => each < step);
    if (this.#latest && this.#latest[0] >= step) this.#latest = undefined;
    // The next value is kept, and then one of every `#stride`.
    this.#seen = 0;
  }

  result(): Scalars {
    const points = this.#latest ? [...this.#points, this.#latest] : this.#points;
    return { steps: points.map(([step]) => step), values: points.map(([, value]) => value) };
  }
}
