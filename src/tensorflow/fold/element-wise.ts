import type { Dtype, Tensor } from '../../wire/tensor.ts';
import { nodeError } from '../node-error.ts';
import { broadcast, describeShape } from '../shapes.ts';
import { eachBroadcastRow } from './broadcasting.ts';
import { expectType, type Fold, type Folding, type Values } from './fold.ts';
import { readable, toHalves } from './halves.ts';

/** Computes one value from two. Assignment to a typed array then rounds the result, or wraps it around, as the type does. */
interface Combination {
  readonly numbers: (a: number, b: number, bits: number) => number;
  /** Replaces `numbers` for int32, whose products a number cannot hold exactly. */
  readonly int32?: (a: number, b: number) => number;
  readonly int64: (a: bigint, b: bigint) => bigint;
  readonly dtypes: readonly Dtype[];
}

const INTEGERS: readonly Dtype[] = ['uint8', 'int8', 'int16', 'int32', 'int64'];
/** Halves are computed in float32: rounding their sum, difference or product to float32 first does not change the half it becomes. */
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
/** As in TensorFlow, the shift is clamped to 0 and to one less than the number of bits. */
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
  // The values of int64 are bigints, so `int64` computes with bigints at run time.
  const of = (dtype === 'int64' ? int64 : dtype === 'int32' && int32 ? int32 : numbers) as typeof numbers;
  const [first, second] = [a.data as Values, b.data as Values];
  eachBroadcastRow(shape, [a.shape, b.shape], (offsets, steps, start, length) => {
    const [x, y, stepX, stepY] = [offsets[0]!, offsets[1]!, steps[0]!, steps[1]!];
    for (let i = 0; i < length; i++)
      values[start + i] = of(first[x + i * stepX]!, second[y + i * stepY]!, bits);
  });
  return dtype === 'float16' && result.dtype === 'float32' ? toHalves(folding, result) : result;
}
