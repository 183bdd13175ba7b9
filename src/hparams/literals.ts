const LARGEST_INT32 = 2 ** 31 - 1;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether `value` is an integer that TensorFlow's int32 can hold. */
export function isInt32(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= LARGEST_INT32;
}

/** An int32 literal such as `-1`; `1.0` is none. */
export function parseInteger(text: string): number | undefined {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN;
  // Adding 0 turns -0 into 0.
  return isInt32(value) ? value + 0 : undefined;
}

/** A finite decimal number such as `1`, `0.5` or `-.5e3`, in float64. */
export function parseNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** `true`, `True`, `false`, `False`, or an integer, of which only 0 is false. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === 'True') return true;
  if (text === 'false' || text === 'False') return false;
  const integer = parseInteger(text);
  return integer === undefined ? undefined : integer !== 0;
}
