/** A local time as Python's datetime prints it: `2017-11-03 21:32:02.734000`. */
export function formatTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const clock = [two(time.getHours()), two(time.getMinutes()), two(time.getSeconds())].join(':');
  return `${date} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}000`;
}

/** A duration by its two largest units: `8s`, `2m14s`, `3h05m`, `2d01h`. */
export function formatDuration(seconds: number): string {
  const total = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(total / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days}d${two(hours % 24)}h`;
  if (hours > 0) return `${hours}h${two(minutes % 60)}m`;
  if (minutes > 0) return `${minutes}m${two(total % 60)}s`;
  return `${total}s`;
}

/** A fraction in percent: `89.9%`. */
export function formatPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)}%`;
}

/** A number of bytes in decimal units: `4.27 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(2)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}
