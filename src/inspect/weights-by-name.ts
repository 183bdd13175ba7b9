import { type NumericTensor, numeric } from '../formats/numeric-tensor.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import type { ModelWeight } from './model.ts';

/** Names of variables that training adds to a variable: averages, and slots of TensorFlow's optimizers. */
const COPY =
  /\/(ExponentialMovingAverage|Momentum|Adam|AdaMax|Adagrad|AdagradDA|RMSProp|Ftrl|Adadelta|LARSOptimizer|LAMB|Nadam)(_\d+)?$/;
/** Names of the slots of Keras's optimizers, under the variable or under the optimizer. */
const SLOT =
  /\/\.OPTIMIZER_SLOT\/|(^|\/)_?optimizer(_\d+)?\/(?!_trainable_variables\/)|(^|\/)(keras_api\/)?metrics\/|\/(m|v|vhat|momentum|velocity|rms|mean_square|mean_gradient|accumulator|linear|accum_grad|accum_var|average)(_\d+)?$|^(training\/)?(Adam|AdamW|Adamax|Adagrad|Adadelta|SGD|RMSprop|Nadam|Ftrl|Lion|Adafactor)(_\d+)?\/.*/;
const MASK = /(^|\/)mask$/;

/** The weights of a checkpoint without a graph: floating-point variables of at least two axes, with masks of the same scope and shape. */
export function weightsByName(variables: ReadonlyMap<string, Tensor>): ModelWeight[] {
  return [...variables].flatMap(([name, tensor]): ModelWeight[] => {
    const { dtype, shape } = tensor;
    if (!dtype.startsWith('float') || shape.length < 2 || isKeptByTraining(name) || MASK.test(name))
      return [];
    const mask = variables.get(name.replace(/[^/]+$/, 'mask'));
    const raw = numeric(tensor);
    if (!mask || mask.shape.join() !== shape.join())
      return [{ name, shape, effective: raw, storedBytes: tensorBytes(tensor).length, uses: undefined }];
    const masked = { raw, mask: numeric(mask) };
    const storedBytes = tensorBytes(tensor).length + tensorBytes(mask).length;
    return [{ name, shape, effective: product(masked), masked, storedBytes, uses: undefined }];
  });
}

function isKeptByTraining(name: string): boolean {
  return COPY.test(name) || SLOT.test(name);
}

function product({ raw, mask }: { raw: NumericTensor; mask: NumericTensor }): NumericTensor {
  const values = raw.values.slice();
  for (let index = 0; index < values.length; index++) values[index]! *= mask.values[index]!;
  return { ...raw, values };
}
