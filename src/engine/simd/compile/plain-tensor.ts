/** A row-major tensor in memory that all threads know. */
export interface PlainTensor {
  readonly offset: number;
  readonly shape: readonly number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Values of each of the things along a tensor's first axis. */
export function itemSize(shape: readonly number[]): number {
  return sizeOf(shape.slice(1));
}
