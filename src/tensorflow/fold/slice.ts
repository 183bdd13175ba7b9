import type { Tensor } from '../../wire/tensor.ts';
import { integerAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { expectType, type Fold, type Folding, integersOf } from './fold.ts';
import { copyStrided, stridesOf } from './rows.ts';

export const slice: Fold = { inputs: 3, fold: sliceFrom };
export const stridedSlice: Fold = { inputs: 4, fold: sliceByStrides };

/** The indices that are taken along one axis. */
interface Taken {
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

function sliceFrom(folding: Folding): Tensor {
  const { node, inputs } = folding;
  const [tensor, beginTensor, sizeTensor] = [inputs[0]!, inputs[1]!, inputs[2]!];
  expectType(node, 'T', tensor);
  const [begin, size] = [integersOf(node, beginTensor), integersOf(node, sizeTensor)];
  const taken = tensor.shape.map((extent, axis): Taken => {
    const [first, given] = [begin[axis]!, size[axis]!];
    return { first, stride: 1, count: given === -1 ? extent - first : given };
  });
  const fits = taken.every(
    ({ first, count }, axis) => first >= 0 && count >= 0 && first + count <= tensor.shape[axis]!,
  );
  if (begin.length !== taken.length || size.length !== taken.length || !fits)
    throw nodeError(node, `takes [${size}] from [${begin}] of a tensor of shape [${tensor.shape}]`);
  return take(folding, tensor, taken);
}

function sliceByStrides(folding: Folding): Tensor {
  const { node, inputs } = folding;
  const tensor = inputs[0]!;
  expectType(node, 'T', tensor);
  const { shape } = tensor;
  const [begin, end, strides] = [1, 2, 3].map((input) => integersOf(node, inputs[input]!)) as [
    number[],
    number[],
    number[],
  ];
  const mask = (key: string) => (axis: number) =>
    axis < 32 && ((integerAttribute(node, key, 0) >> axis) & 1) === 1;
  const [fromStart, toEnd, shrinks] = [mask('begin_mask'), mask('end_mask'), mask('shrink_axis_mask')];
  for (const key of ['ellipsis_mask', 'new_axis_mask']) {
    if (integerAttribute(node, key, 0) !== 0) throw nodeError(node, `has ${key}, expected none`);
  }
  const refused = () =>
    nodeError(node, `takes [${begin}] to [${end}] by [${strides}] of a tensor of shape [${shape}]`);
  if (begin.length > shape.length || begin.length !== end.length || begin.length !== strides.length)
    throw refused();
  const taken = shape.map((extent, axis): Taken => {
    if (axis >= begin.length) return { first: 0, stride: 1, count: extent };
    const stride = strides[axis]!;
    if (stride === 0 || (shrinks(axis) && stride < 0)) throw refused();
    const [lowest, highest] = stride > 0 ? [0, extent] : [-1, extent - 1];
    const within = (index: number) => Math.min(Math.max(index < 0 ? index + extent : index, lowest), highest);
    if (shrinks(axis)) {
      const index = begin[axis]! < 0 ? begin[axis]! + extent : begin[axis]!;
      if (index < 0 || index >= extent) throw refused();
      return { first: index, stride: 1, count: 1 };
    }
    const first = fromStart(axis) ? (stride > 0 ? lowest : highest) : within(begin[axis]!);
    const last = toEnd(axis) ? (stride > 0 ? highest : lowest) : within(end[axis]!);
    return { first, stride, count: Math.max(0, Math.ceil((last - first) / stride)) };
  });
  const result = take(folding, tensor, taken);
  return { ...result, shape: result.shape.filter((_, axis) => !shrinks(axis) || axis >= begin.length) };
}

function take({ zeros }: Folding, tensor: Tensor, taken: readonly Taken[]): Tensor {
  const strides = stridesOf(tensor.shape);
  const result = zeros(
    tensor.dtype,
    taken.map(({ count }) => count),
  );
  copyStrided(
    tensor,
    result,
    taken.reduce((offset, { first }, axis) => offset + first * strides[axis]!, 0),
    taken.map(({ stride }, axis) => stride * strides[axis]!),
  );
  return result;
}
