import type { Dtype, Tensor } from '../../wire/tensor.ts';
import { nodeError } from '../node-error.ts';
import { broadcast, describeShape } from '../shapes.ts';
import { eachBroadcastRow } from './broadcasting.ts';
import { expectType, type Fold, type Folding, type Values } from './fold.ts';
import { readable, toHalves } from './halves.ts';

/** What becomes of two values. Writing the result to a typed array rounds it, or wraps it around, as the type does. */
interface Combination {
  readonly numbers: (a: number, b: number, bits: number) => number;
  /** Instead of `numbers` on int32, where a product can be more than a number holds. */
  readonly int32?: (a: number, b: number) => number;
  readonly int64: (a: bigint, b: bigint) => bigint;
  readonly dtypes: readonly Dtype[];
}

const INTEGERS: readonly Dtype[] = ['uint8', 'int8', 'int16', 'int32', 'int64'];
/** A sum, a difference or a product of halves is rounded once: what float32 rounds of it no half can tell. */
const NUMBERS: readonly Dtype[] = [...INTEGERS, 'float16', 'float32', 'float64'];

const ADD: Combination = { numbers: (a, b) => a + b, int64: (a, b) => a + b, dtypes: NUMBERS };
const SUBTRACT: Combination = { numbers: (a, b) => a - b, int64: (a, b) => a - b, dtypes: NUMBERS };
const MULTIPLY: Combination = {
  numbers: (a, b) => a * b,
  int32: Math.imul,
  int64: (a, b) => a * b,
  dtypes: NUMBERS,
};
const AND: Combination = { numbers: (a, b) => a & b, int64: (a, b) => a & b, dtypes: INTEGERS };
/** TensorFlow shifts by at least 0 and at most one bit less than there are. */
const SHIFT_RIGHT: Combination = {
  numbers: (a, b, bits) => a >> (b < 0 ? 0 : b < bits ? b : bits - 1),
  int64: (a, b) => a >> (b < 0n ? 0n : b < 64n ? b : 63n),
  dtypes: INTEGERS,
};

export const add: Fold = { inputs: 2, fold: (folding) => combine(folding, ADD) };
export const subtract: Fold = { inputs: 2, fold: (folding) => combine(folding, SUBTRACT) };
export const multiply: Fold = { inputs: 2, fold: (folding) => combine(folding, MULTIPLY) };
export const bitwiseAnd: Fold = { inputs: 2, fold: (folding) => combine(folding, AND) };
export const shiftRight: Fold = { inputs: 2, fold: (folding) => combine(folding, SHIFT_RIGHT) };

function combine(folding: Folding, { numbers, int32, int64, dtypes }: Combination): Tensor {
  const { node, inputs, zeros } = folding;
  const { dtype } = inputs[0]!;
  expectType(node, 'T', inputs[0]!);
  if (inputs[1]!.dtype !== dtype || !dtypes.includes(dtype))
    throw nodeError(node, `combines ${dtype} with ${inputs[1]!.dtype}, expected two of ${dtypes.join(', ')}`);
  const [a, b] = [readable(folding, inputs[0]!), readable(folding, inputs[1]!)];
  const shape = broadcast(a.shape, b.shape);
  if (!shape) throw nodeError(node, `combines ${describeShape(a.shape)} with ${describeShape(b.shape)}`);
  const result = zeros(a.dtype, shape);
  const values = result.data as Values;
  const bits = 8 * values.BYTES_PER_ELEMENT;
  // Of int64 the values are bigints, on which the function for them computes.
  const of = (dtype === 'int64' ? int64 : dtype === 'int32' && int32 ? int32 : numbers) as typeof numbers;
  const [first, second] = [a.data as Values, b.data as Values];
  eachBroadcastRow(shape, [a.shape, b.shape], (offsets, steps, start, length) => {
    const [x, y, stepX, stepY] = [offsets[0]!, offsets[1]!, steps[0]!, steps[1]!];
    for (let i = 0; i < length; i++)
      values[start + i] = of(first[x + i * stepX]!, second[y + i * stepY]!, bits);
  });
  return dtype === 'float16' && result.dtype === 'float32' ? toHalves(folding, result) : result;
}
