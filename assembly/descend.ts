import { multiplyAdd, sumOfLanes } from './lanes';

/**
 * Gradient descent with L2 decay and moving averages, on `count` values:
 * w -= rate * (gradient + decay * w); average -= (1 - averageDecay) * (average - w).
 *
 * @param step float32 rate and 1 - averageDecay
 * @param decay float32, the weight decay
 * @param squares float64, receives the sum of w^2 before the update
 * @param total receives gradient + decay * w, unless 0
 */
export function descend(
  weights: usize,
  gradient: usize,
  average: usize,
  count: usize,
  step: usize,
  decay: usize,
  squares: usize,
  total: usize,
): void {
  const rate = v128.load32_splat(step);
  const approach = v128.load32_splat(step, 4);
  const shrink = v128.load32_splat(decay);
  const bytes: usize = 4 * count;
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const w = v128.load(weights + at);
    const a = v128.load(average + at);
    sum = multiplyAdd(w, w, sum);
    const g = f32x4.add(v128.load(gradient + at), f32x4.mul(shrink, w));
    if (total) v128.store(total + at, g);
    const next = f32x4.sub(w, f32x4.mul(rate, g));
    v128.store(weights + at, next);
    v128.store(average + at, f32x4.sub(a, f32x4.mul(approach, f32x4.sub(a, next))));
  }
  store<f64>(squares, sumOfLanes(sum));
}
