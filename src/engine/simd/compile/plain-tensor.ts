/** A row-major tensor in memory that all threads can read; `offset` is its address. */
export interface PlainTensor {
  readonly offset: number;
  readonly shape: readonly number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Number of values per index of the first axis, such as those of an image. */
export function itemSize(shape: readonly number[]): number {
  return sizeOf(shape.slice(1));
}
