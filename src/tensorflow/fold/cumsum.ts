import type { Dtype, Tensor } from '../../wire/tensor.ts';
import { booleanAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { axisOf, expectType, type Fold, type Folding, type Values } from './fold.ts';
import { stridesOf } from './rows.ts';

const SUMMED: readonly Dtype[] = ['uint8', 'int8', 'int16', 'int32', 'int64', 'float32', 'float64'];

/** Cumsum: replaces each value by the sum of the values up to it along an axis, without it (`exclusive`), or from the end (`reverse`). */
export const cumsum: Fold = { inputs: 2, fold: sumAlongAxis };

function sumAlongAxis({ node, inputs, zeros }: Folding): Tensor {
  const [tensor, axisTensor] = [inputs[0]!, inputs[1]!];
  expectType(node, 'T', tensor);
  if (!SUMMED.includes(tensor.dtype))
    throw nodeError(node, `sums ${tensor.dtype}, expected ${SUMMED.join(', ')}`);
  const { shape } = tensor;
  const axis = axisOf(node, axisTensor, shape.length);
  const [exclusive, reverse] = [booleanAttribute(node, 'exclusive'), booleanAttribute(node, 'reverse')];
  const result = zeros(tensor.dtype, shape);
  const [source, target] = [tensor.data as Values, result.data as Values];
  const [extent, stride] = [shape[axis]!, stridesOf(shape)[axis]!];
  // A typed array of one value rounds each sum, or wraps it around, as TensorFlow does.
  const [sum, zero] = [target.slice(0, 1), target.slice(0, 1)];
  for (let block = 0; block < source.length; block += extent * stride) {
    for (let first = block; first < block + stride; first++) {
      sum.set(zero);
      for (let step = 0; step < extent; step++) {
        const at = first + stride * (reverse ? extent - 1 - step : step);
        if (exclusive) target[at] = sum[0]!;
        sum[0]! += source[at]!;
        if (!exclusive) target[at] = sum[0]!;
      }
    }
  }
  return result;
}
