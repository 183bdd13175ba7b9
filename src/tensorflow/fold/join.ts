import type { Tensor } from '../../wire/tensor.ts';
import { elementCount } from '../../wire/tensor.ts';
import { integerAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { axisOf, checkedAxis, expectType, type Fold, type Folding, type Values } from './fold.ts';

/** Pack: stacks tensors of one shape along a new axis. */
export const pack: Fold = {
  inputs: undefined,
  fold: (folding) => {
    const { node, inputs } = folding;
    const { shape } = inputs[0]!;
    const axis = checkedAxis(node, integerAttribute(node, 'axis', 0), shape.length + 1);
    if (inputs.some((input) => input.shape.length !== shape.length)) throw unlike(folding);
    return join(
      folding,
      inputs.map((input) => ({ ...input, shape: input.shape.toSpliced(axis, 0, 1) })),
      axis,
    );
  },
};

/** ConcatV2: joins tensors along an axis, which is the last input. */
export const concatenate: Fold = {
  inputs: undefined,
  fold: (folding) => {
    const tensors = folding.inputs.slice(0, -1);
    const rank = tensors[0]?.shape.length ?? 0;
    return join(folding, tensors, axisOf(folding.node, folding.inputs.at(-1)!, rank));
  },
};

function join(folding: Folding, tensors: readonly Tensor[], axis: number): Tensor {
  const { node, zeros } = folding;
  const { dtype, shape } = tensors[0]!;
  expectType(node, 'T', tensors[0]!);
  const others = (extents: readonly number[]) => extents.toSpliced(axis, 1).join();
  const alike = tensors.every(
    (tensor) =>
      tensor.dtype === dtype &&
      tensor.shape.length === shape.length &&
      others(tensor.shape) === others(shape),
  );
  if (!alike || integerAttribute(node, 'N', tensors.length) !== tensors.length) throw unlike(folding);
  const extent = tensors.reduce((sum, tensor) => sum + tensor.shape[axis]!, 0);
  const result = zeros(dtype, shape.with(axis, extent));
  const blocks = elementCount(shape.slice(0, axis));
  const target = result.data as Values;
  let start = 0;
  for (const { data } of tensors) {
    const size = data.length / blocks;
    for (let block = 0; block < blocks; block++)
      target.set(
        (data as Values).subarray(block * size, (block + 1) * size),
        block * (target.length / blocks) + start,
      );
    start += size;
  }
  return result;
}

function unlike({ node, inputs }: Folding) {
  const given = inputs.slice(0, 3).map(({ dtype, shape }) => `${dtype} [${shape}]`);
  return nodeError(node, `joins ${given.join(', ')}, expected N tensors of one type that fit`);
}
