import type { NodeDef } from '../../wire/protos.ts';
import { DataType } from '../../wire/protos.ts';
import { type Dtype, dataType, type Tensor } from '../../wire/tensor.ts';
import { typeAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';

/** A node whose inputs are all constants. */
export interface Folding {
  readonly node: NodeDef;
  readonly inputs: readonly Tensor[];
  /** Allocates a tensor for the result. @throws UserError `graph` if it exceeds the folding limit */
  zeros<D extends Dtype>(dtype: D, shape: readonly number[]): Extract<Tensor, { dtype: D }>;
}

/** How an operation on constants is computed when a graph is loaded. */
export interface Fold {
  /** Number of inputs; undefined for one or more. */
  readonly inputs: number | undefined;
  /**
   * Computes the node's only result, which may share an input's memory.
   *
   * @throws UserError `graph` if TensorFlow would refuse the node, or if the result might differ from TensorFlow's in the last bit
   */
  readonly fold: (folding: Folding) => Tensor;
}

/** The values of any numeric type. Casts use it because TypeScript does not allow writing to a union of typed arrays. */
export type Values = Float32Array;

/** @throws UserError `graph` unless the type attribute `key` is the tensor's type, or absent */
export function expectType(node: NodeDef, key: string, { dtype }: Tensor): void {
  const declared = typeAttribute(node, key);
  if (declared === undefined || declared === dataType(dtype)) return;
  throw nodeError(node, `declares ${key} as ${DataType[declared] ?? declared}, but reads ${dtype}`);
}

/** The values of a vector of integers. @throws UserError `graph` unless the tensor is one */
export function integersOf(node: NodeDef, { dtype, shape, data }: Tensor): number[] {
  if ((dtype === 'int32' || dtype === 'int64') && shape.length === 1) return Array.from(data, Number);
  throw nodeError(node, `reads ${dtype} of shape [${shape}], expected a list of int32 or int64`);
}

/** The axis that a tensor holds, from 0 on. @throws UserError `graph` if it is not one of `rank` axes */
export function axisOf(node: NodeDef, { dtype, shape, data }: Tensor, rank: number): number {
  if ((dtype === 'int32' || dtype === 'int64') && data.length === 1)
    return checkedAxis(node, Number(data[0]), rank);
  throw nodeError(node, `reads ${dtype} of shape [${shape}] as an axis, expected one int32 or int64`);
}

/** An axis from 0 on; `axis` counts from the end if it is negative. @throws UserError `graph` if it is not one of `rank` axes */
export function checkedAxis(node: NodeDef, axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw nodeError(node, `has axis ${axis}, expected one of ${rank} axes`);
}
