/**
 * 12 multiply-adds of four lanes a round, in chains that do not wait for each other: enough to keep two units of four cycles' latency
 * busy, few enough to fit the vector registers together with both constants.
 *
 * @returns a sum of all chains, for otherwise nothing would have to be computed; x -> x / 2 + 1 stays near 2
 */
export function multiplyAdds(rounds: i32): f32 {
  const half = f32x4.splat(0.5);
  const one = f32x4.splat(1);
  let a = f32x4.splat(0);
  let b = f32x4.splat(1);
  let c = f32x4.splat(2);
  let d = f32x4.splat(3);
  let e = f32x4.splat(4);
  let f = f32x4.splat(5);
  let g = f32x4.splat(6);
  let h = f32x4.splat(7);
  let i = f32x4.splat(8);
  let j = f32x4.splat(9);
  let k = f32x4.splat(10);
  let l = f32x4.splat(11);
  for (let round = 0; round < rounds; round++) {
    a = f32x4.relaxed_madd(a, half, one);
    b = f32x4.relaxed_madd(b, half, one);
    c = f32x4.relaxed_madd(c, half, one);
    d = f32x4.relaxed_madd(d, half, one);
    e = f32x4.relaxed_madd(e, half, one);
    f = f32x4.relaxed_madd(f, half, one);
    g = f32x4.relaxed_madd(g, half, one);
    h = f32x4.relaxed_madd(h, half, one);
    i = f32x4.relaxed_madd(i, half, one);
    j = f32x4.relaxed_madd(j, half, one);
    k = f32x4.relaxed_madd(k, half, one);
    l = f32x4.relaxed_madd(l, half, one);
  }
  const sum = add(add(add(a, b, c), add(d, e, f), add(g, h, i)), add(j, k, l), one);
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
}

function add(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(f32x4.add(x, y), z);
}
