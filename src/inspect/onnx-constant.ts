import type { NumericTensor } from '../formats/numeric-tensor.ts';

/** A tensor that a model holds or decodes. */
export interface OnnxConstant {
  readonly value: NumericTensor;
  /** Bytes of all tensors that it is computed from. */
  readonly bytes: number;
  /** Identifies the stored tensor behind the values, however they are arranged or decoded; equal for equal constants. */
  readonly key: string;
  /** Name of the stored tensor, or of the decoded one. */
  readonly name: string;
  readonly shape: readonly number[];
}
