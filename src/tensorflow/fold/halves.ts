import { Float16Array } from '@petamoriken/float16';
import { decodeHalves } from '../../wire/half.ts';
import type { Tensor, TensorOf } from '../../wire/tensor.ts';
import type { Folding } from './fold.ts';

/** The tensor itself, or a tensor of halves as float32, which represents every half exactly. */
export function readable({ zeros }: Folding, tensor: Tensor): Exclude<Tensor, { dtype: 'float16' }> {
  if (tensor.dtype !== 'float16') return tensor;
  const decoded = zeros('float32', tensor.shape);
  decodeHalves(tensor.data, decoded.data);
  return decoded;
}

/** Rounds float32 values to the nearest halves, ties to even, as TensorFlow does. */
export function toHalves({ zeros }: Folding, { shape, data }: TensorOf<'float32'>): TensorOf<'float16'> {
  const halves = zeros('float16', shape);
  new Float16Array(halves.data.buffer).set(data);
  return halves;
}
