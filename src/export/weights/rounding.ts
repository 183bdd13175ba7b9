import type { ValueType } from '../weight-format.ts';
import { outputMagnitudes } from './outputs.ts';
import type { WeightConstant } from './weight-constants.ts';

/** How far the weight of an index, row-major, may come to lie from where it was. */
export type LargestRounding = (weight: WeightConstant, type: ValueType) => (index: number) => number;

/** Of float16: half the distance between neighbours of 11 significant bits, and of those below its smallest normal number. */
const FLOAT16_RELATIVE = 2 ** -11;
const FLOAT16_ABSOLUTE = 2 ** -25;
/** Of int8: half a multiple, of which 127 are the largest magnitude. */
const INT8_RELATIVE = 1 / 254;
/** Beside which scale and product are rounded to float32, at most 127 times half its precision each, */
const SCALE_RELATIVE = 1 + 2 ** -14;
/** or, below its smallest normal number, 127 times half the distance between neighbours. */
const SCALE_ABSOLUTE = 2 ** -142;

/** What `storedValues` may do to weights. */
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
