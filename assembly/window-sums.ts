/**
 * Prepares sums over a window that moves along vectors of four lanes, in three additions each whatever the window's width (van Herk
 * 1992; Gil and Werman 1993): cut the vectors into blocks as wide as the window, and a window is the end of one block and the start of
 * the next. Unlike a running sum, nothing is ever subtracted.
 *
 * The sum of the vectors at most `radius` away from vector i is `windowSum(terms, starts, i, radius)`; those before the first and after
 * the last count as zero. Both arrays take 16 * (count + 2 * radius + 1) bytes.
 *
 * @param terms vector i at terms + 16 * (radius + i); overwritten
 */
export function prepareWindowSums(terms: usize, starts: usize, count: usize, radius: usize): void {
  const width: usize = 2 * radius + 1;
  const places = count + width;
  for (let k: usize = 0; k < radius; k++) v128.store(terms + 16 * k, f32x4.splat(0));
  for (let k = count + radius; k < places; k++) v128.store(terms + 16 * k, f32x4.splat(0));
  for (let first: usize = 0; first < places; first += width) {
    const end = min(first + width, places);
    let sum = f32x4.splat(0);
    for (let k = first; k < end; k++) {
      v128.store(starts + 16 * k, sum);
      sum = f32x4.add(sum, v128.load(terms + 16 * k));
    }
    sum = f32x4.splat(0);
    for (let k = end; k > first; k--) {
      sum = f32x4.add(sum, v128.load(terms + 16 * (k - 1)));
      v128.store(terms + 16 * (k - 1), sum);
    }
  }
}

export function windowSum(terms: usize, starts: usize, i: usize, radius: usize): v128 {
  return f32x4.add(v128.load(terms + 16 * i), v128.load(starts + 16 * (i + 2 * radius + 1)));
}
