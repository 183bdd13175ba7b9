import { DataType } from '../../wire/protos.ts';
import { type Dtype, dtypeOf, type Tensor, type TensorOf } from '../../wire/tensor.ts';
import { booleanAttribute, typeAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { expectType, type Fold, type Folding, type Values } from './fold.ts';
import { readable, toHalves } from './halves.ts';

const INTEGERS: readonly Dtype[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64'];
const FROM: Partial<Record<Dtype, readonly Dtype[]>> = {
  bool: [...INTEGERS, 'float16', 'float32', 'float64'],
  uint8: INTEGERS,
  int8: INTEGERS,
  int16: INTEGERS,
  int32: INTEGERS,
  int64: INTEGERS,
  float16: [...INTEGERS, 'float32', 'float64'],
  float32: [...INTEGERS, 'float16', 'float32', 'float64'],
  float64: [...INTEGERS, 'float16', 'float32', 'float64'],
};

/** Does not cast floating point to integers: C++ leaves their overflow undefined. */
export const cast: Fold = { inputs: 1, fold: castTensor };

function castTensor(folding: Folding): Tensor {
  const { node, inputs } = folding;
  const from = inputs[0]!;
  expectType(node, 'SrcT', from);
  const type = typeAttribute(node, 'DstT') ?? DataType.DT_INVALID;
  const dtype = dtypeOf(type);
  if (dtype === from.dtype) return from;
  if (!dtype || !FROM[dtype]?.includes(from.dtype) || booleanAttribute(node, 'Truncate'))
    throw nodeError(
      node,
      `casts ${from.dtype} to ${DataType[type] ?? type}, which this runtime does not compute`,
    );
  return convert(folding, from, dtype);
}

function convert(folding: Folding, from: Tensor, dtype: Dtype): Tensor {
  if (from.dtype === 'float16') {
    const decoded = readable(folding, from);
    return dtype === 'float32' ? decoded : convert(folding, decoded, dtype);
  }
  // Converts to float32 first, as TensorFlow does.
  if (dtype === 'float16')
    return toHalves(
      folding,
      (from.dtype === 'float32' ? from : convert(folding, from, 'float32')) as TensorOf<'float32'>,
    );
  const result = folding.zeros(dtype, from.shape);
  if (dtype === 'bool') write(result, from, (value) => Number(Number(value) !== 0));
  else if (dtype === 'int64') write(result, from, BigInt);
  else if (dtype === 'float32' || dtype === 'float64')
    write(result, from, (value) => exactNumber(folding, value));
  else if (from.dtype === 'int64') write(result, from, (value) => Number(BigInt.asIntN(32, value as bigint)));
  // Assignment to a typed array converts values as C++ does.
  else (result.data as Values).set(from.data as Values);
  return result;
}

function write(to: Tensor, from: Tensor, convertValue: (value: number | bigint) => number | bigint): void {
  const source: ArrayLike<number | bigint> = from.data;
  const target = to.data as Values;
  for (let index = 0; index < source.length; index++) target[index] = convertValue(source[index]!) as number;
}

/** Refuses int64 values beyond 2^53, which would be rounded twice when they become float32. */
function exactNumber({ node }: Folding, value: number | bigint): number {
  const number = Number(value);
  if (typeof value === 'number' || Number.isSafeInteger(number)) return number;
  throw nodeError(node, `casts ${value}, expected integers up to 2^53`);
}
