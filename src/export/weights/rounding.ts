import type { ValueType } from '../weight-format.ts';
import { outputMagnitudes } from './outputs.ts';
import type { WeightConstant } from './weight-constants.ts';

/** Returns a function that gives, for the row-major index of a weight, how much rounding may change it. */
export type LargestRounding = (weight: WeightConstant, type: ValueType) => (index: number) => number;

/** float16: half the distance between neighbouring values with 11 significant bits, and between those below the smallest normal one. */
const FLOAT16_RELATIVE = 2 ** -11;
const FLOAT16_ABSOLUTE = 2 ** -25;
/** int8: half of the scale, which is 1/127 of the largest magnitude. */
const INT8_RELATIVE = 1 / 254;
/** int8 also rounds the scale and the product to float32: each by at most 127 times half of float32's precision, */
const SCALE_RELATIVE = 1 + 2 ** -14;
/** or, below its smallest normal number, 127 times half the distance between neighbours. */
const SCALE_ABSOLUTE = 2 ** -142;

/** The bound on what `storedValues` changes. */
export const largestRounding: LargestRounding = (weight, type) => {
  const { data } = weight.value;
  switch (type) {
    case 'float32':
      return () => 0;
    case 'float16':
      return (index) => Math.max(Math.abs(data[index]!) * FLOAT16_RELATIVE, FLOAT16_ABSOLUTE);
    case 'int8': {
      const { largest, of } = outputMagnitudes(weight);
      return (index) => largest[of(index)]! * INT8_RELATIVE * SCALE_RELATIVE + SCALE_ABSOLUTE;
    }
  }
};
