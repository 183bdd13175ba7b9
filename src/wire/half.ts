const MAGNITUDE = 0x7fff;
const EXPONENT = 0x7c00;
const MANTISSA = 0x03ff;
const MANTISSA_SHIFT = 23 - 10;
/** A float32's exponent is biased by 127, a half's by 15. */
const REBIAS = 2 ** (127 - 15);

/**
 * The values of IEEE 754 halves, of which every one is a float32. A library's array of halves takes many times as long.
 *
 * @param halves their bits
 * @param values where to write the result
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
    // Read as a float32's, the bits are the value too small by the difference of the biases, halves below normal included.
    word[0] = magnitude << MANTISSA_SHIFT;
    const finite = float[0]! * REBIAS;
    const value = magnitude < EXPONENT ? finite : (magnitude & MANTISSA) === 0 ? Infinity : Number.NaN;
    values[index] = half > MAGNITUDE ? -value : value;
  }
  return values;
}
