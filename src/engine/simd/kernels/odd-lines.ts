const CACHE_LINE = 64;

/** Rounds up to an odd number of cache lines: planes an even number apart would compete for the same few sets of the first-level cache. */
export function oddLines(bytes: number): number {
  const lines = Math.ceil(bytes / CACHE_LINE);
  return (lines % 2 === 0 ? lines + 1 : lines) * CACHE_LINE;
}
