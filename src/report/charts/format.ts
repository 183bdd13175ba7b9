export const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
/** A percentage for axes, without trailing zeros. */
export const shortPercent = (fraction: number) => `${Number((100 * fraction).toFixed(2))}%`;
export const count = (value: number) => value.toLocaleString('en-US');

const UNITS = ['B', 'kB', 'MB', 'GB'];

export function bytes(value: number): string {
  const unit = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), UNITS.length - 1);
  const scaled = value / 1000 ** unit;
  return `${unit === 0 ? scaled : Number(scaled.toPrecision(3))} ${UNITS[unit]}`;
}

export const milliseconds = (value: number) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 3);

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

/** A number of any magnitude, in few characters. */
export const number = (value: number) => {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(2)
    : `${Number(value.toPrecision(4))}`;
};
