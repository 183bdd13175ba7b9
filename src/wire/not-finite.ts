import type { Tensor } from './tensor.ts';

/** The NaN and infinite values of a tensor. */
export interface NotFinite {
  /** The first such value. */
  readonly value: number;
  /** Its position: an index for each axis. */
  readonly at: readonly number[];
  readonly count: number;
}

/** Finds values that are NaN or infinite; undefined if there are none, as in integers. */
export function findNotFinite({ dtype, shape, data }: Tensor): NotFinite | undefined {
  if (dtype === 'float32' || dtype === 'float64') {
    if (isAllFinite(data)) return undefined;
    return find(shape, data, (value) => !Number.isFinite(value), Number);
  }
  if (dtype === 'float16') return find(shape, data, hasLargestExponent, halfValue);
  return undefined;
}

/** For errors: `holds NaN at [0, 2], and 3 of its 100 values are NaN or infinite`. */
export function describeNotFinite({ shape }: Tensor, { value, at, count }: NotFinite): string {
  const values = shape.reduce((product, extent) => product * extent, 1);
  const place = at.length > 0 ? ` at [${at.join(', ')}]` : '';
  const all =
    values === 1
      ? ''
      : `, and ${count} of its ${values} values ${count === 1 ? 'is' : 'are'} NaN or infinite`;
  return `holds ${value}${place}${all}`;
}

/** A plain loop without calls, since almost all tensors are finite and many are large. */
function isAllFinite(data: Float32Array | Float64Array): boolean {
  let sum = 0;
  // The difference is 0 for finite values and NaN for others.
  for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
  return sum === 0;
}

function find(
  shape: readonly number[],
  data: ArrayLike<number>,
  isOdd: (value: number) => boolean,
  toNumber: (stored: number) => number,
): NotFinite | undefined {
  let [first, count] = [-1, 0];
  for (let i = 0; i < data.length; i++) {
    if (!isOdd(data[i]!)) continue;
    if (first < 0) first = i;
    count += 1;
  }
  return first < 0 ? undefined : { value: toNumber(data[first]!), at: indexOf(shape, first), count };
}

function indexOf(shape: readonly number[], offset: number): number[] {
  let rest = offset;
  return shape
    .toReversed()
    .map((extent) => {
      const index = rest % extent;
      rest = Math.floor(rest / extent);
      return index;
    })
    .toReversed();
}

const hasLargestExponent = (bits: number) => (bits & 0x7c00) === 0x7c00;

function halfValue(bits: number): number {
  if ((bits & 0x3ff) !== 0) return Number.NaN;
  return bits & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
