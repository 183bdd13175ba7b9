import { multiplyAdd } from './lanes';
import { prepareWindowSums, windowSum } from './window-sums';

/**
 * Local response normalization across channels (Krizhevsky, Sutskever and Hinton 2012, section 3.3, with TensorFlow's parameters):
 * y = x * scale^-beta, scale = bias + alpha * sum of x^2 over the channels at most `radius` away. Four pixels at a time, so that up to three values beyond a row's end are overwritten in y, and read in x.
 *
 * @param xPlane bytes between channels, `xRow` between rows; so `yPlane` and `yRow`
 * @param parameters float32 bias, alpha, beta
 * @param scratch 32 * (channels + 2 * radius + 1) bytes
 */
export function lrn(
  x: usize,
  y: usize,
  channels: usize,
  rows: usize,
  columns: usize,
  xPlane: usize,
  xRow: usize,
  yPlane: usize,
  yRow: usize,
  radius: usize,
  parameters: usize,
  scratch: usize,
): void {
  const beta = load<f32>(parameters, 8);
  const starts = scratch + 16 * (channels + 2 * radius + 1);
  for (let row: usize = 0; row < rows; row++) {
    for (let pixel: usize = 0; pixel < 4 * columns; pixel += 16) {
      let from = x + row * xRow + pixel;
      let to = y + row * yRow + pixel;
      prepareSquares(from, scratch, starts, channels, xPlane, radius);
      for (let channel: usize = 0; channel < channels; channel++, from += xPlane, to += yPlane) {
        const scale = scaleOf(windowSum(scratch, starts, channel, radius), parameters);
        v128.store(to, f32x4.mul(v128.load(from), inversePower(scale, beta)));
      }
    }
  }
}

/**
 * Gradient of `lrn`: dx = dy * scale^-beta - 2 * alpha * beta * x * sum over the neighbours of dy * x * scale^(-beta - 1).
 *
 * @param scratch 48 * (channels + 2 * radius + 1) bytes
 */
export function lrnGradient(
  x: usize,
  dy: usize,
  dx: usize,
  channels: usize,
  plane: usize,
  radius: usize,
  parameters: usize,
  scratch: usize,
): void {
  const beta = load<f32>(parameters, 8);
  const factor = f32x4.splat(-2 * load<f32>(parameters, 4) * beta);
  const starts = scratch + 16 * (channels + 2 * radius + 1);
  const terms = starts + 16 * (channels + 2 * radius + 1);
  for (let pixel: usize = 0; pixel < plane; pixel += 16) {
    prepareSquares(x + pixel, scratch, starts, channels, plane, radius);
    for (let channel: usize = 0; channel < channels; channel++) {
      const at = channel * plane + pixel;
      const scale = scaleOf(windowSum(scratch, starts, channel, radius), parameters);
      const direct = f32x4.mul(v128.load(dy + at), inversePower(scale, beta));
      v128.store(dx + at, direct);
      v128.store(terms + 16 * (channel + radius), f32x4.div(f32x4.mul(direct, v128.load(x + at)), scale));
    }
    prepareWindowSums(terms, starts, channels, radius);
    for (let channel: usize = 0; channel < channels; channel++) {
      const at = channel * plane + pixel;
      const indirect = f32x4.mul(factor, v128.load(x + at));
      const sum = windowSum(terms, starts, channel, radius);
      v128.store(dx + at, multiplyAdd(indirect, sum, v128.load(dx + at)));
    }
  }
}

function prepareSquares(
  pixel: usize,
  terms: usize,
  starts: usize,
  channels: usize,
  plane: usize,
  radius: usize,
): void {
  for (let channel: usize = 0; channel < channels; channel++) {
    const value = v128.load(pixel + channel * plane);
    v128.store(terms + 16 * (channel + radius), f32x4.mul(value, value));
  }
  prepareWindowSums(terms, starts, channels, radius);
}

function scaleOf(squares: v128, parameters: usize): v128 {
  return multiplyAdd(v128.load32_splat(parameters, 4), squares, v128.load32_splat(parameters));
}

/** scale^-beta; the exponents that are used are products of square roots. */
function inversePower(scale: v128, beta: f32): v128 {
  const one = f32x4.splat(1);
  if (beta === 1) return f32x4.div(one, scale);
  const root = f32x4.sqrt(scale);
  if (beta === 0.5) return f32x4.div(one, root);
  if (beta === 0.75) return f32x4.div(one, f32x4.mul(root, f32x4.sqrt(root)));
  let power = f32x4.splat(Mathf.pow(f32x4.extract_lane(scale, 0), -beta));
  power = f32x4.replace_lane(power, 1, Mathf.pow(f32x4.extract_lane(scale, 1), -beta));
  power = f32x4.replace_lane(power, 2, Mathf.pow(f32x4.extract_lane(scale, 2), -beta));
  return f32x4.replace_lane(power, 3, Mathf.pow(f32x4.extract_lane(scale, 3), -beta));
}
