import type { NumericTensor } from '../formats/numeric-tensor.ts';
import { printable } from '../printable.ts';
import type { GraphDef } from '../wire/protos.ts';

/** A model as its files hold it, read and decoded, not yet judged. */
export interface Model {
  readonly kind: ModelKind;
  /** Of its main file, or the prefix of a checkpoint. */
  readonly path: string;
  /** Of the model alone, not of what else is in its folder. */
  readonly files: readonly ModelFile[];
  /** Of all files in the folder of a checkpoint, where that was named. */
  readonly folder?: FolderSize | undefined;
  /** Training steps, where the model knows. */
  readonly step?: number | undefined;
  readonly weights: readonly ModelWeight[];
  /** What else is stored. */
  readonly tensors: readonly ModelTensor[];
  /** For TensorBoard; undefined where the model has none that TensorFlow knows. */
  readonly graph?: GraphDef | undefined;
  /** Whether there may be weights that were not found, since not everything was read. */
  readonly incomplete?: boolean | undefined;
  /** In one line each, what could not be told, and why. */
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
  /** As it is stored. */
  readonly shape: readonly number[];
  /** What the network multiplies by, masked and decoded, the axis of outputs last and that of inputs before it. */
  readonly effective: NumericTensor;
  /** Where the weights are masked by another tensor. */
  readonly masked?: { readonly raw: NumericTensor; readonly mask: NumericTensor } | undefined;
  /** Bytes of the tensors that it is computed from. */
  readonly storedBytes: number;
  /** How often each of its values takes part in one image, in all products together; undefined if that is not known. */
  readonly uses: number | undefined;
  /** How often those products run; undefined is once. */
  readonly runs?: Runs | undefined;
}

/** A tensor of which only this is told. */
export interface ModelTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** Undefined where the values cannot be read. */
  readonly nonzero: number | undefined;
  /** NaN and infinities; undefined where there is none, or the values cannot be read. */
  readonly notFinite?: number | undefined;
  /** Of a scalar. */
  readonly value?: number | undefined;
}

/** How often something runs each time that the model does, where that depends on what it computes. */
export type Runs = 'per iteration' | 'in a branch';

/** Of all that read one weight; that of the first that does not just run once. */
export function runsOfAll(readers: readonly { readonly runs: Runs | undefined }[]): Runs | undefined {
  return readers.find(({ runs }) => runs !== undefined)?.runs;
}

/** Of all that read one weight; undefined where one is not known, or nothing reads it. */
export function totalUses(readers: readonly { readonly uses: number | undefined }[]): number | undefined {
  const known = readers.flatMap(({ uses }) => uses ?? []);
  return known.length === readers.length && known.length > 0 ? known.reduce((a, b) => a + b) : undefined;
}

const NAMED = 3;

/** At most one notice. @param products what multiplies by weights where the shapes are not known */
export function unknownShapesNotice(products: readonly string[]): string[] {
  if (products.length === 0) return [];
  const named = products
    .slice(0, NAMED)
    .map((name) => printable(name))
    .join(', ');
  const more = products.length > NAMED ? ` and ${products.length - NAMED} more` : '';
  return [`multiply-adds of ${named}${more} are not known: the shapes there cannot be told`];
}
