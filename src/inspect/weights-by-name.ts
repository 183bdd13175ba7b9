import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import type { ModelWeight } from './model.ts';
import { type NumericTensor, numeric } from './numeric-tensor.ts';

/** Copies that training keeps of a variable: averages, and what optimizers remember. */
const COPY = /\/(ExponentialMovingAverage|Momentum|Adam(_1)?|Adagrad|RMSProp(_1)?|Ftrl(_1)?|Adadelta(_1)?)$/;
const MASK = /(^|\/)mask$/;

/** Without a graph: the floating-point variables of at least two axes, with the mask of the same scope and shape. */
export function weightsByName(variables: ReadonlyMap<string, Tensor>): ModelWeight[] {
  return [...variables].flatMap(([name, tensor]): ModelWeight[] => {
    const { dtype, shape } = tensor;
    if (!dtype.startsWith('float') || shape.length < 2 || COPY.test(name) || MASK.test(name)) return [];
    const mask = variables.get(name.replace(/[^/]+$/, 'mask'));
    const raw = numeric(tensor);
    if (!mask || mask.shape.join() !== shape.join())
      return [{ name, shape, effective: raw, storedBytes: tensorBytes(tensor).length, uses: undefined }];
    const masked = { raw, mask: numeric(mask) };
    const storedBytes = tensorBytes(tensor).length + tensorBytes(mask).length;
    return [{ name, shape, effective: product(masked), masked, storedBytes, uses: undefined }];
  });
}

function product({ raw, mask }: { raw: NumericTensor; mask: NumericTensor }): NumericTensor {
  const values = raw.values.slice();
  for (let index = 0; index < values.length; index++) values[index]! *= mask.values[index]!;
  return { ...raw, values };
}
