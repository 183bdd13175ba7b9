import type { NumericTensor } from '../formats/numeric-tensor.ts';

/** A tensor that a model holds or decodes. */
export interface OnnxConstant {
  readonly value: NumericTensor;
  /** Of all that it is computed from. */
  readonly bytes: number;
  /** Of the stored tensor that the values are of, however they are arranged or decoded: what makes two constants the same. */
  readonly key: string;
  /** And as it is stored, where nothing was decoded. */
  readonly name: string;
  readonly shape: readonly number[];
}
