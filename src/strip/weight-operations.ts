import { UserError } from '../errors.ts';
import type { NodeDef } from '../wire/protos.ts';
import { elementCount, float32Tensor, type Tensor, type TensorOf, tensorFromProto } from '../wire/tensor.ts';
import type { Budget } from './budget.ts';

export type Weights = TensorOf<'float32'>;

interface WeightOperation {
  /** How many inputs it has, at least. */
  readonly inputs: number;
  /** @throws UserError `graph` if types or shapes do not fit */
  compute(node: NodeDef, inputs: readonly Tensor[], budget: Budget): Tensor;
}

const handOn: WeightOperation = { inputs: 1, compute: (_, [input]) => input! };

/**
 * The operations between variables and masked weights. ConcatV2 joins the parts of a partitioned variable; Enter lets a
 * value into a loop and Switch into a branch.
 */
export const WEIGHT_OPERATIONS: Readonly<Record<string, WeightOperation>> = {
  Const: { inputs: 0, compute: (node, _, budget) => constantValue(node, budget) },
  Identity: handOn,
  Mul: {
    inputs: 2,
    compute: (node, [a, b], budget) => multiply(node, weightsOf(node, a!), weightsOf(node, b!), budget),
  },
  ConcatV2: { inputs: 2, compute: concatenate },
  Enter: handOn,
  Switch: handOn,
};

/** @throws UserError `graph` if a value that `node` gives or reads is not float32 */
export function weightsOf(node: NodeDef, tensor: Tensor): Weights {
  if (tensor.dtype === 'float32') return tensor;
  throw weightError(node, `is ${tensor.dtype}, expected float32`);
}

function constantValue(node: NodeDef, budget: Budget): Tensor {
  const value = node.attr.value?.value;
  if (value?.case !== 'tensor') throw weightError(node, 'has no value');
  budget.take(node, value.value.tensorShape?.dim.map(({ size }) => Number(size)) ?? []);
  return tensorFromProto(value.value);
}

/** The product of equal shapes, or of a tensor and a scalar. Zeros come out positive, so that they compress. */
function multiply(node: NodeDef, a: Weights, b: Weights, budget: Budget): Weights {
  const [tensor, factor] = elementCount(a.shape) >= elementCount(b.shape) ? [a, b] : [b, a];
  const sameShape = tensor.shape.join() === factor.shape.join();
  if (!sameShape && factor.shape.length > 0)
    throw weightError(node, `multiplies shapes [${a.shape}] and [${b.shape}], expected equal ones`);
  budget.take(node, tensor.shape);
  const { data } = factor;
  // -0 + 0 is +0; every other number stays what it is.
  const product = tensor.data.map((value, index) => Math.fround(value * data[sameShape ? index : 0]!) + 0);
  return float32Tensor(tensor.shape, product);
}

/** The parts, of which the last input tells the axis, side by side. */
function concatenate(node: NodeDef, inputs: readonly Tensor[], budget: Budget): Weights {
  const parts = inputs.slice(0, -1).map((part) => weightsOf(node, part));
  const first = parts[0]!.shape;
  const given = Number(inputs.at(-1)!.data[0]);
  const axis = given < 0 ? given + first.length : given;
  const others = (shape: readonly number[]) => shape.with(axis, 0).join();
  if (!(first[axis]! >= 0) || parts.some(({ shape }) => others(shape) !== others(first)))
    throw weightError(
      node,
      `joins shapes ${parts.map(({ shape }) => `[${shape}]`).join(', ')} along axis ${given}`,
    );
  const shape = first.with(
    axis,
    parts.reduce((total, part) => total + part.shape[axis]!, 0),
  );
  budget.take(node, shape);
  const whole = new Float32Array(elementCount(shape));
  const rows = elementCount(shape.slice(0, axis));
  let offset = 0;
  for (let row = 0; row < rows; row++)
    for (const { data } of parts) {
      const length = data.length / rows;
      whole.set(data.subarray(row * length, (row + 1) * length), offset);
      offset += length;
    }
  return float32Tensor(shape, whole);
}

export function weightError({ name, op }: NodeDef, problem: string): UserError {
  return new UserError(
    'graph',
    `node ${name} (${op}), part of a masked weight, ${problem}`,
    'Check that the graph is as TensorFlow wrote it.',
  );
}
