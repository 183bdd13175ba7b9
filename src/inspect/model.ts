import type { NumericTensor } from '../formats/numeric-tensor.ts';
import { printable } from '../printable.ts';
import type { GraphDef } from '../wire/protos.ts';

/** A model, read from its files and decoded. */
export interface Model {
  readonly kind: ModelKind;
  /** Path of the main file, or prefix of a checkpoint. */
  readonly path: string;
  /** The model's own files, without others in its folder. */
  readonly files: readonly ModelFile[];
  /** Size of all files in a folder of checkpoints, if the user named the folder. */
  readonly folder?: FolderSize | undefined;
  /** Number of training steps, if the model stores it. */
  readonly step?: number | undefined;
  readonly weights: readonly ModelWeight[];
  /** Tensors that are not weights. */
  readonly tensors: readonly ModelTensor[];
  /** The graph, for TensorBoard; undefined if the model has no TensorFlow graph. */
  readonly graph?: GraphDef | undefined;
  /** Whether weights may be missing because not everything was read. */
  readonly incomplete?: boolean | undefined;
  /** One line for everything that could not be found out, with the reason. */
  readonly notices: readonly string[];
}

export type ModelKind = 'checkpoint' | 'frozen graph' | 'SavedModel' | 'ONNX model' | 'TensorFlow.js model';

export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
}

export interface FolderSize {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A weight of a convolution or of a matrix product. */
export interface ModelWeight {
  readonly name: string;
  /** The shape as stored. */
  readonly shape: readonly number[];
  /** The values that the network multiplies by, masked and decoded: [..., inputs, outputs]. */
  readonly effective: NumericTensor;
  /** The raw weights and the mask, if there is a mask. */
  readonly masked?: { readonly raw: NumericTensor; readonly mask: NumericTensor } | undefined;
  /** Bytes of the tensors that the weights are computed from. */
  readonly storedBytes: number;
  /** How many multiply-adds each value takes part in for one image; undefined if that is not known. */
  readonly uses: number | undefined;
  /** How often these multiply-adds are done; undefined means once. */
  readonly runs?: Runs | undefined;
}

/** A tensor that is not a weight. */
export interface ModelTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Number of values that are not zero; undefined if the values cannot be read. */
  readonly nonzero: number | undefined;
  /** Number of NaN and infinite values; undefined if there are none, or the values cannot be read. */
  readonly notFinite?: number | undefined;
  /** The value of a scalar. */
  readonly value?: number | undefined;
}

/** How often something runs for each run of the model, if that depends on the data. */
export type Runs = 'per iteration' | 'in a branch';

/** For all readers of one weight: that of the first one that may not run exactly once. */
export function runsOfAll(readers: readonly { readonly runs: Runs | undefined }[]): Runs | undefined {
  return readers.find(({ runs }) => runs !== undefined)?.runs;
}

/** Sum over all readers of one weight; undefined if one is not known, or nothing reads the weight. */
export function totalUses(readers: readonly { readonly uses: number | undefined }[]): number | undefined {
  const known = readers.flatMap(({ uses }) => uses ?? []);
  return known.length === readers.length && known.length > 0 ? known.reduce((a, b) => a + b) : undefined;
}

const NAMED = 3;

/** No notice or one. @param products nodes that multiply by weights and whose shapes are not known */
export function unknownShapesNotice(products: readonly string[]): string[] {
  if (products.length === 0) return [];
  const named = products
    .slice(0, NAMED)
    .map((name) => printable(name))
    .join(', ');
  const more = products.length > NAMED ? ` and ${products.length - NAMED} more` : '';
  return [`multiply-adds of ${named}${more} are not known, since their shapes are not`];
}
