import { UserError } from '../errors.ts';
import { inputNode, parseInput } from '../graph/index.ts';
import type { NodeDef } from '../wire/protos.ts';
import { elementCount, float32Tensor, type TensorOf, tensorFromProto } from '../wire/tensor.ts';

type Weights = TensorOf<'float32'>;

/** The operations between variables and masked weights. */
const OPERATIONS: Readonly<Record<string, (inputs: readonly Weights[], node: NodeDef) => Weights>> = {
  Const: (_, { name, attr }) => {
    const value = attr.value?.value;
    if (value?.case !== 'tensor') throw new UserError('graph', `constant ${name} has no value`);
    const tensor = tensorFromProto(value.value);
    if (tensor.dtype !== 'float32')
      throw new UserError('graph', `${name}, part of a masked weight, is ${tensor.dtype}, expected float32`);
    return tensor;
  },
  Identity: ([input]) => input!,
  Mul: ([a, b], { name }) => multiply(a!, b!, name),
};

/**
 * The value of a node that depends on constants alone.
 *
 * @throws UserError `graph` on an operation that is not among those between variables and masked weights
 */
export function evaluate(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef): Weights {
  const operation = OPERATIONS[node.op];
  if (!operation)
    throw new UserError(
      'graph',
      `node ${node.name} (${node.op}) is part of a masked weight; only ${Object.keys(OPERATIONS).join(', ')} can be folded`,
    );
  const inputs = node.input.filter((input) => !parseInput(input).control);
  return operation(
    inputs.map((input) => evaluate(nodes, inputNode(nodes, node, input))),
    node,
  );
}

/** The product of equal shapes, or of a tensor and a scalar. Zeros come out positive, so that they compress. */
function multiply(a: Weights, b: Weights, name: string): Weights {
  const [tensor, factor] = elementCount(a.shape) >= elementCount(b.shape) ? [a, b] : [b, a];
  const sameShape = tensor.shape.join() === factor.shape.join();
  if (!sameShape && factor.shape.length > 0)
    throw new UserError(
      'graph',
      `node ${name} multiplies shapes [${a.shape}] and [${b.shape}], expected equal ones`,
    );
  const { data } = factor;
  // -0 + 0 is +0; every other number stays what it is.
  const product = tensor.data.map((value, index) => Math.fround(value * data[sameShape ? index : 0]!) + 0);
  return float32Tensor(tensor.shape, product);
}
