/** d = y > 0 ? d : 0 over `count` values, a multiple of four: the gradient through a ReLU whose output was y. */
export function reluGradient(d: usize, y: usize, count: usize): void {
  const zero = f32x4.splat(0);
  for (const end = d + 4 * count; d < end; d += 16, y += 16) {
    v128.store(d, v128.and(v128.load(d), f32x4.gt(v128.load(y), zero)));
  }
}

/**
 * The gradient of a bias: sum of each plane's values. Values between a row's end and the next multiple of four columns must be zero.
 *
 * @param sums float32, one a plane
 * @param accumulate 1 adds to what is there, 0 overwrites it
 */
export function sumPlanes(
  source: usize,
  sums: usize,
  planes: usize,
  rows: usize,
  columns: usize,
  plane: usize,
  row: usize,
  accumulate: usize,
): void {
  for (let p: usize = 0; p < planes; p++) {
    let sum = f32x4.splat(0);
    for (let r: usize = 0; r < rows; r++) {
      const start = source + p * plane + r * row;
      for (let j: usize = 0; j < 4 * columns; j += 16) sum = f32x4.add(sum, v128.load(start + j));
    }
    const total =
      f32x4.extract_lane(sum, 0) +
      f32x4.extract_lane(sum, 1) +
      (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
    store<f32>(sums + 4 * p, accumulate ? load<f32>(sums + 4 * p) + total : total);
  }
}
