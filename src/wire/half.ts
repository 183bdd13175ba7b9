const MAGNITUDE = 0x7fff;
const EXPONENT = 0x7c00;
const MANTISSA = 0x03ff;
const MANTISSA_SHIFT = 23 - 10;
/** A float32's exponent is biased by 127, a half's by 15. */
const REBIAS = 2 ** (127 - 15);

/**
 * Decodes IEEE 754 halves to float32, which represents each of them exactly. Reading a library's Float16Array takes many times as long.
 *
 * @param halves bits of the halves
 * @param values receives the result
 */
export function decodeHalves(
  halves: Uint16Array,
  values: Float32Array = new Float32Array(halves.length),
): Float32Array {
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index]!;
    const magnitude = half & MAGNITUDE;
    // Interpreted as a float32, these bits give the value divided by REBIAS. This holds for subnormal halves, too.
    word[0] = magnitude << MANTISSA_SHIFT;
    const finite = float[0]! * REBIAS;
    const value = magnitude < EXPONENT ? finite : (magnitude & MANTISSA) === 0 ? Infinity : Number.NaN;
    values[index] = half > MAGNITUDE ? -value : value;
  }
  return values;
}
