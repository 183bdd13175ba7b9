/** The values of a tag in the order in which they were written; as many steps as values. */
export interface Scalars {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** More than any picture of a curve shows. Even, so that of one more the last has an even index. */
export const MOST_POINTS = 2048;

/** The values of a tag while they are read. Once there are too many, every second one goes; the last always stays. */
export class ScalarSeries {
  #points: (readonly [step: number, value: number])[] = [];
  /** Of so many values that come, one is kept. */
  #stride = 1;
  #seen = 0;
  /** What came last, unless it is kept. */
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

  /** Forgets what was written at `step` and beyond. */
  dropFrom(step: number): void {
    this.#points = this.#points.filter(([each]) => each < step);
    if (this.#latest && this.#latest[0] >= step) this.#latest = undefined;
    // The next one is kept, and from it on one of each stride.
    this.#seen = 0;
  }

  result(): Scalars {
    const points = this.#latest ? [...this.#points, this.#latest] : this.#points;
    return { steps: points.map(([step]) => step), values: points.map(([, value]) => value) };
  }
}
