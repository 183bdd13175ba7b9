import { elementCount, type Tensor } from '../../wire/tensor.ts';
import { nodeError } from '../node-error.ts';
import { broadcast, describeShape } from '../shapes.ts';
import { eachBroadcastRow } from './broadcasting.ts';
import { expectType, type Fold, type Folding, integersOf, type Values } from './fold.ts';

// Operations that repeat values.

const HALF_ONE = 0x3c00;

export const zerosLike: Fold = {
  inputs: 1,
  fold: ({ node, inputs, zeros }) => {
    expectType(node, 'T', inputs[0]!);
    return zeros(inputs[0]!.dtype, inputs[0]!.shape);
  },
};

export const onesLike: Fold = {
  inputs: 1,
  fold: ({ node, inputs, zeros }) => {
    expectType(node, 'T', inputs[0]!);
    const result = zeros(inputs[0]!.dtype, inputs[0]!.shape);
    const one = result.dtype === 'int64' ? 1n : result.dtype === 'float16' ? HALF_ONE : 1;
    (result.data as Values).fill(one as number);
    return result;
  },
};

/** Fill: repeats one value in a shape. */
export const fill: Fold = {
  inputs: 2,
  fold: (folding) => {
    const [extents, value] = [folding.inputs[0]!, folding.inputs[1]!];
    expectType(folding.node, 'T', value);
    if (value.shape.length > 0)
      throw nodeError(folding.node, `repeats ${describeShape(value.shape)}, expected one value`);
    return repeated(folding, value, extentsOf(folding, extents));
  },
};

/** BroadcastTo: broadcasts a tensor to a shape. */
export const broadcastTo: Fold = {
  inputs: 2,
  fold: (folding) => {
    const [tensor, target] = [folding.inputs[0]!, folding.inputs[1]!];
    expectType(folding.node, 'T', tensor);
    return repeated(folding, tensor, extentsOf(folding, target));
  },
};

/** Tile: repeats a tensor along each axis as often as the multiples say. */
export const tile: Fold = {
  inputs: 2,
  fold: (folding) => {
    const { node, inputs } = folding;
    const [tensor, multiples] = [inputs[0]!, extentsOf(folding, inputs[1]!)];
    expectType(node, 'T', tensor);
    const { shape } = tensor;
    if (multiples.length !== shape.length)
      throw nodeError(
        node,
        `repeats ${describeShape(shape)} [${multiples}] times, expected one number an axis`,
      );
    // Splits each axis into two, of which the first, of extent 1, is broadcast.
    const apart = shape.flatMap((extent) => [1, extent]);
    const result = repeated(
      folding,
      { ...tensor, shape: apart },
      shape.flatMap((extent, axis) => [multiples[axis]!, extent]),
    );
    return { ...result, shape: shape.map((extent, axis) => extent * multiples[axis]!) };
  },
};

function extentsOf({ node }: Folding, tensor: Tensor): number[] {
  const extents = integersOf(node, tensor);
  if (extents.every((extent) => extent >= 0) && Number.isSafeInteger(elementCount(extents))) return extents;
  throw nodeError(node, `reads [${extents}], expected numbers of 0 or more`);
}

function repeated({ node, zeros }: Folding, tensor: Tensor, shape: readonly number[]): Tensor {
  if (broadcast(tensor.shape, shape)?.join() !== shape.join())
    throw nodeError(node, `cannot broadcast ${describeShape(tensor.shape)} to ${describeShape(shape)}`);
  const result = zeros(tensor.dtype, shape);
  const [source, target] = [tensor.data as Values, result.data as Values];
  eachBroadcastRow(shape, [tensor.shape], (offsets, steps, start, length) => {
    const [first, step] = [offsets[0]!, steps[0]!];
    for (let i = 0; i < length; i++) target[start + i] = source[first + i * step]!;
  });
  return result;
}
