/** What `model.json` says of one tensor of the binary files, in TensorFlow.js' words. */
export interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string';
  readonly quantization?: Quantization;
}

export type Quantization =
  | { readonly dtype: 'float16'; readonly original_dtype: 'float32' }
  | {
      readonly dtype: 'uint8';
      /** A stored value stands for value * scale + min. */
      readonly scale: number;
      readonly min: number;
      readonly original_dtype: 'float32';
    };

/** A tensor as the binary files hold it. */
export interface StoredTensor {
  readonly entry: ManifestEntry;
  readonly bytes: Uint8Array;
}
