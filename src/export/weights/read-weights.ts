import { UserError } from '../../errors.ts';
import { inOrder } from '../../runtime/order.ts';
import { Allowance } from '../../tensorflow/allowance.ts';
import { foldNode, isFoldable, readConstant } from '../../tensorflow/constants.ts';
import { parseInput, tensorInputs } from '../../tensorflow/lookup.ts';
import type { GraphDef, NodeDef } from '../../wire/protos.ts';
import type { Tensor } from '../../wire/tensor.ts';
import type { StoredWeight } from '../format.ts';
import { encodedBytes } from './encoded-bytes.ts';
import { weightNodes } from './weight-constants.ts';

/**
 * The float32 weights of a frozen graph in any format, by the names of the nodes that give them. Tensors that are read like
 * weights but cannot be computed from constants, such as activations and results of loops, are left out.
 */
export function readWeights(graph: GraphDef): Map<string, StoredWeight> {
  const weights = new Map<string, StoredWeight>();
  for (const { node } of weightNodes(graph)) {
    const weight = storedWeight(graph, node);
    if (weight) weights.set(node.name, weight);
  }
  return weights;
}

function storedWeight(graph: GraphDef, { name }: NodeDef): StoredWeight | undefined {
  try {
    const decoder = inOrder(graph, name);
    if (!decoder.every((each) => each.op === 'Const' || isFoldable(each))) return undefined;
    const value = computed(decoder);
    return value.dtype === 'float32' ? { value, bytes: encodedBytes(decoder) } : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The value of the last node. @param nodes each after those that it reads */
function computed(nodes: readonly NodeDef[]): Tensor {
  const allowance = new Allowance();
  const values = new Map<string, Tensor>();
  for (const node of nodes) {
    const value =
      node.op === 'Const'
        ? readConstant(node, allowance)
        : foldNode(
            node,
            tensorInputs(node).map((input) => values.get(parseInput(input).node)!),
            allowance,
          );
    allowance.hold(value);
    values.set(node.name, value);
  }
  return values.get(nodes.at(-1)!.name)!;
}
