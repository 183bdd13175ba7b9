import { Float16Array, f16round } from '@petamoriken/float16';
import { UserError } from '../../errors.ts';
import { float32Tensor, type TensorOf } from '../../wire/tensor.ts';
import type { ValueType } from '../weight-format.ts';
import { outputMagnitudes } from './outputs.ts';
import type { WeightConstant } from './weight-constants.ts';

/** Stored weights. The weights themselves are `values` as float32, times `scale` if there is one. */
export interface StoredValues {
  /** Values in the weights' shape. */
  readonly values: TensorOf<'float32'> | TensorOf<'float16'> | TensorOf<'int8'>;
  /** Broadcasts against `values`. */
  readonly scale?: TensorOf<'float32'>;
}

const MAX_INT8 = 127;
const INFINITE_FLOAT16 = 0x7c00;

/** @throws UserError `argument` on a weight that the type cannot hold */
export function storedValues(weight: WeightConstant, type: ValueType): StoredValues {
  switch (type) {
    case 'float32':
      return { values: weight.value };
    case 'float16':
      return { values: toFloat16(weight) };
    case 'int8':
      return toInt8(weight);
  }
}

/**
 * The weights that decoding gives back: `storedValues` times their scale.
 *
 * @throws UserError `argument` as `storedValues`
 */
export function roundedValues(weight: WeightConstant, type: ValueType): TensorOf<'float32'> {
  const { shape, data } = weight.value;
  const { values, scale } = storedValues(weight, type);
  switch (values.dtype) {
    case 'float32':
      return values;
    case 'float16':
      return float32Tensor(shape, data.map(f16round));
    case 'int8': {
      const { of } = outputMagnitudes(weight);
      return float32Tensor(
        shape,
        data.map((_, i) => values.data[i]! * scale!.data[of(i)]!),
      );
    }
  }
}

/** Rounds to the nearest value of half precision, ties to even, like TensorFlow's Cast. */
function toFloat16({ name, value }: WeightConstant): TensorOf<'float16'> {
  const data = new Uint16Array(new Float16Array(value.data).buffer);
  const beyond = data.findIndex(
    (bits, i) => (bits & 0x7fff) === INFINITE_FLOAT16 && Number.isFinite(value.data[i]!),
  );
  if (beyond >= 0) throw cannotHold(name, value.data[beyond]!, 'float16');
  return { dtype: 'float16', shape: value.shape, data };
}

/**
 * Symmetric quantization: rounds to the nearest multiple of a scale, ties to even, from -127 to 127. Each output of the layer
 * has its own scale, 1/127 of its largest magnitude.
 */
function toInt8(weight: WeightConstant): StoredValues {
  const { name, value } = weight;
  const odd = value.data.find((each) => !Number.isFinite(each));
  if (odd !== undefined) throw cannotHold(name, odd, 'int8');
  const { shape, largest, of } = outputMagnitudes(weight);
  const scale = float32Tensor(
    shape,
    largest.map((magnitude) => magnitude / MAX_INT8),
  );
  const data = new Int8Array(value.data.length);
  for (let i = 0; i < data.length; i++) data[i] = nearestMultiple(value.data[i]!, scale.data[of(i)]!);
  return { values: { dtype: 'int8', shape: value.shape, data }, scale };
}

function nearestMultiple(value: number, scale: number): number {
  // All weights are zero, or too small for float32 to hold 1/127 of them.
  if (scale === 0) return 0;
  const ratio = value / scale;
  const below = Math.floor(ratio);
  const up = ratio - below === 0.5 ? below % 2 !== 0 : ratio - below > 0.5;
  return Math.min(MAX_INT8, Math.max(-MAX_INT8, up ? below + 1 : below));
}

function cannotHold(name: string, value: number, type: ValueType): UserError {
  return new UserError(
    'argument',
    `${name} holds the weight ${value}, which ${type} cannot`,
    'Store it as float32.',
  );
}
