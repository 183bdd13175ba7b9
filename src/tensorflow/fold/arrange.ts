import type { Tensor } from '../../wire/tensor.ts';
import { integersAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { reshapedShape } from '../reshape.ts';
import { axisOf, checkedAxis, expectType, type Fold, integersOf } from './fold.ts';
import { transposed } from './transposed.ts';

// Operations that change the shape or the order of a tensor's values.

export const reshape: Fold = {
  inputs: 2,
  fold: ({ node, inputs }) => {
    const [tensor, target] = [inputs[0]!, inputs[1]!];
    expectType(node, 'T', tensor);
    return { ...tensor, shape: reshapedShape(node, tensor.shape, integersOf(node, target)) };
  },
};

export const expandDims: Fold = {
  inputs: 2,
  fold: ({ node, inputs }) => {
    const tensor = inputs[0]!;
    expectType(node, 'T', tensor);
    const axis = axisOf(node, inputs[1]!, tensor.shape.length + 1);
    return { ...tensor, shape: tensor.shape.toSpliced(axis, 0, 1) };
  },
};

export const squeeze: Fold = {
  inputs: 1,
  fold: ({ node, inputs }) => {
    const tensor = inputs[0]!;
    expectType(node, 'T', tensor);
    const { shape } = tensor;
    const axes = integersAttribute(node, 'squeeze_dims').map((axis) => checkedAxis(node, axis, shape.length));
    if (axes.some((axis) => shape[axis] !== 1))
      throw nodeError(node, `drops axes [${axes}] of shape [${shape}], expected extents of 1`);
    const drops = (axis: number) => (axes.length === 0 ? shape[axis] === 1 : axes.includes(axis));
    return { ...tensor, shape: shape.filter((_, axis) => !drops(axis)) };
  },
};

export const transpose: Fold = {
  inputs: 2,
  fold: ({ node, inputs, zeros }) => {
    const tensor = inputs[0]!;
    expectType(node, 'T', tensor);
    const { dtype, shape } = tensor;
    const order = integersOf(node, inputs[1]!);
    const result = transposed<Tensor['data']>(tensor, order, (extents) => zeros(dtype, extents).data);
    if (!result)
      throw nodeError(node, `has axes [${order}], expected those of shape [${shape}] in some order`);
    return { ...tensor, ...result } as Tensor;
  },
};
