/** y = x < 0 ? 0 : x over `count` values, NaN staying NaN; up to three values beyond are overwritten. */
export function relu(x: usize, y: usize, count: usize): void {
  const zero = f32x4.splat(0);
  for (const end = x + 4 * count; x < end; x += 16, y += 16) v128.store(y, f32x4.pmax(v128.load(x), zero));
}

/** y = a + b, over four axes, of which the last is the innermost, row-major in y. Strides are bytes, 0 where one value stands for all. */
export function add(
  a: usize,
  b: usize,
  y: usize,
  n0: usize,
  n1: usize,
  n2: usize,
  n3: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  b3: usize,
): void {
  combine(false, a, b, y, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
}

/** y = a * b, as `add`. */
export function multiply(
  a: usize,
  b: usize,
  y: usize,
  n0: usize,
  n1: usize,
  n2: usize,
  n3: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  b3: usize,
): void {
  combine(true, a, b, y, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
}

function combine(
  multiplies: bool,
  a: usize,
  b: usize,
  y: usize,
  n0: usize,
  n1: usize,
  n2: usize,
  n3: usize,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  b0: usize,
  b1: usize,
  b2: usize,
  b3: usize,
): void {
  for (let i: usize = 0; i < n0; i++) {
    for (let j: usize = 0; j < n1; j++) {
      for (let k: usize = 0; k < n2; k++, y += 4 * n3) {
        const aRow = a + i * a0 + j * a1 + k * a2;
        const bRow = b + i * b0 + j * b1 + k * b2;
        if (multiplies) multiplyRow(aRow, bRow, y, n3, a3, b3);
        else addRow(aRow, bRow, y, n3, a3, b3);
      }
    }
  }
}

function addRow(a: usize, b: usize, y: usize, count: usize, aStep: usize, bStep: usize): void {
  let left = count;
  for (; left >= 4; left -= 4, a += 4 * aStep, b += 4 * bStep, y += 16) {
    v128.store(y, f32x4.add(four(a, aStep), four(b, bStep)));
  }
  for (; left > 0; left--, a += aStep, b += bStep, y += 4) store<f32>(y, load<f32>(a) + load<f32>(b));
}

function multiplyRow(a: usize, b: usize, y: usize, count: usize, aStep: usize, bStep: usize): void {
  let left = count;
  for (; left >= 4; left -= 4, a += 4 * aStep, b += 4 * bStep, y += 16) {
    v128.store(y, f32x4.mul(four(a, aStep), four(b, bStep)));
  }
  for (; left > 0; left--, a += aStep, b += bStep, y += 4) store<f32>(y, load<f32>(a) * load<f32>(b));
}

/** Four values, side by side or all the same one. */
function four(at: usize, step: usize): v128 {
  return step === 0 ? v128.load32_splat(at) : v128.load(at);
}
