import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';
import {
  type Dtype,
  dtypeOf,
  shapeFromProto,
  storedBytes,
  type Tensor,
  tensorFromProto,
  zeroTensor,
} from '../wire/tensor.ts';
import type { Allowance } from './allowance.ts';
import { tensorAttribute } from './attributes.ts';
import { expectType } from './fold/fold.ts';
import { FOLDS } from './fold/folds.ts';
import { expectInputs, nodeError } from './node-error.ts';

/** Reads a `Const`. @throws UserError `graph` if it is damaged, absurdly large, or of an unsupported type */
export function readConstant(node: NodeDef, allowance: Allowance): Tensor {
  const proto = tensorAttribute(node);
  allowance.store(storedBytes(proto));
  const dtype = dtypeOf(proto.dtype);
  if (dtype)
    allowance.take(
      node,
      dtype,
      withNode(node, () => shapeFromProto(proto)),
    );
  const tensor = withNode(node, () => tensorFromProto(proto));
  expectType(node, 'dtype', tensor);
  return tensor;
}

/** Whether `foldNode` can compute a node if all its inputs are constants. */
export function isFoldable({ op }: NodeDef): boolean {
  return Object.hasOwn(FOLDS, op);
}

/**
 * Computes a foldable node from constant inputs.
 *
 * @throws UserError `graph` if TensorFlow would refuse the node, or if its result exceeds the folding limit
 */
export function foldNode(node: NodeDef, inputs: readonly Tensor[], allowance: Allowance): Tensor {
  const { inputs: count = Math.max(1, inputs.length), fold } = FOLDS[node.op]!;
  expectInputs(node, inputs, count);
  const zeros = <D extends Dtype>(dtype: D, shape: readonly number[]) => {
    allowance.take(node, dtype, shape);
    return zeroTensor(dtype, shape);
  };
  return fold({ node, inputs, zeros });
}

function withNode<Result>(node: NodeDef, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw nodeError(node, `is damaged: ${error.message}`, error.hint);
    throw error;
  }
}
