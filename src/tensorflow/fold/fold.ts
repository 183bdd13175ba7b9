import type { NodeDef } from '../../wire/protos.ts';
import { DataType } from '../../wire/protos.ts';
import { type Dtype, dataType, type Tensor } from '../../wire/tensor.ts';
import { typeAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';

/** A node all of whose inputs are constants. */
export interface Folding {
  readonly node: NodeDef;
  readonly inputs: readonly Tensor[];
  /** A new tensor to write the result to. @throws UserError `graph` if it is more than a graph may unfold to */
  zeros<D extends Dtype>(dtype: D, shape: readonly number[]): Extract<Tensor, { dtype: D }>;
}

/** How an operation on constants is computed when a graph is loaded. */
export interface Fold {
  /** How many inputs it takes; undefined where it takes one or more. */
  readonly inputs: number | undefined;
  /**
   * The one result, which may share an input's memory.
   *
   * @throws UserError `graph` where TensorFlow would refuse, and on what is not computed as TensorFlow does to the last bit
   */
  readonly fold: (folding: Folding) => Tensor;
}

/** Values moved about or combined, of whichever type; a union of typed arrays could not be written to. */
export type Values = Float32Array;

/** @throws UserError `graph` unless the type attribute `key` is that of a tensor, or absent */
export function expectType(node: NodeDef, key: string, { dtype }: Tensor): void {
  const declared = typeAttribute(node, key);
  if (declared === undefined || declared === dataType(dtype)) return;
  throw nodeError(node, `says ${key} ${DataType[declared] ?? declared}, but reads ${dtype}`);
}

/** The numbers of a list of integers. @throws UserError `graph` if it is none */
export function integersOf(node: NodeDef, { dtype, shape, data }: Tensor): number[] {
  if ((dtype === 'int32' || dtype === 'int64') && shape.length === 1) return Array.from(data, Number);
  throw nodeError(node, `reads ${dtype} of shape [${shape}], expected a list of int32 or int64`);
}

/** The axis that a tensor names. @throws UserError `graph` if it is not one of `rank` axes */
export function axisOf(node: NodeDef, { dtype, shape, data }: Tensor, rank: number): number {
  if ((dtype === 'int32' || dtype === 'int64') && data.length === 1)
    return checkedAxis(node, Number(data[0]), rank);
  throw nodeError(node, `reads ${dtype} of shape [${shape}] as an axis, expected one int32 or int64`);
}

/** An axis, counted from the end if negative. @throws UserError `graph` if it is not one of `rank` axes */
export function checkedAxis(node: NodeDef, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw nodeError(node, `has axis ${axis}, expected one of ${rank} axes`);
}
