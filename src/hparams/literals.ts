const LARGEST_INT32 = 2 ** 31 - 1;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether `value` is an integer within TensorFlow's int32. */
export function isInt32(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= LARGEST_INT32;
}

/** Parses an int32 such as `-1`; undefined for other text, such as `1.0`. */
export function parseInteger(text: string): number | undefined {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN;
  // Adding 0 turns -0 into 0.
  return isInt32(value) ? value + 0 : undefined;
}

/** Parses a finite decimal number such as `1`, `0.5` or `-.5e3`, in float64; undefined for other text. */
export function parseNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** Parses `true`, `True`, `false`, `False`, or an integer, where only 0 is false; undefined for other text. */
export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === 'True') return true;
  if (text === 'false' || text === 'False') return false;
  const integer = parseInteger(text);
  return integer === undefined ? undefined : integer !== 0;
}
