/** The entry of `model.json` for one tensor of the binary files, with TensorFlow.js's keys. */
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
      /** A stored value v stands for v * scale + min. */
      readonly scale: number;
      readonly min: number;
      readonly original_dtype: 'float32';
    };

/** A tensor in the binary files, with its entry in `model.json`. */
export interface StoredTensor {
  readonly entry: ManifestEntry;
  readonly bytes: Uint8Array;
}
