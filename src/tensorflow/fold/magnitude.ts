import { nodeError } from '../node-error.ts';
import { expectType, type Fold } from './fold.ts';

const HALF_MAGNITUDE = 0x7fff;

export const magnitude: Fold = {
  inputs: 1,
  fold: ({ node, inputs, zeros }) => {
    const tensor = inputs[0]!;
    expectType(node, 'T', tensor);
    const result = zeros(tensor.dtype, tensor.shape);
    const { data } = tensor;
    switch (tensor.dtype) {
      case 'float16':
        for (let i = 0; i < data.length; i++) result.data[i] = Number(data[i]) & HALF_MAGNITUDE;
        return result;
      case 'float32':
      case 'float64':
      case 'int32':
        for (let i = 0; i < data.length; i++) result.data[i] = Math.abs(Number(data[i]));
        return result;
      default:
        throw nodeError(node, `takes the magnitude of ${tensor.dtype}, expected float or int32`);
    }
  },
};
