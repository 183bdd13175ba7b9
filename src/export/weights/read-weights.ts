import { parseInput, tensorInputs } from '../../graph/index.ts';
import { Allowance } from '../../runtime/allowance.ts';
import { foldNode, isFoldable, readConstant } from '../../runtime/constants.ts';
import { inOrder } from '../../runtime/order.ts';
import type { GraphDef, NodeDef } from '../../wire/protos.ts';
import type { Tensor } from '../../wire/tensor.ts';
import type { StoredWeight } from '../format.ts';
import { encodedBytes } from './encoded-bytes.ts';
import { weightNodes } from './weight-constants.ts';

/**
 * The float32 weights of a frozen graph, stored in whatever format, by the names of the nodes that give them. What is read
 * as weights but is not computed from constants, such as activations, is left out.
 *
 * @throws UserError `graph` where the graph is damaged
 */
export function readWeights(graph: GraphDef): Map<string, StoredWeight> {
  const weights = new Map<string, StoredWeight>();
  for (const { node } of weightNodes(graph)) {
    const decoder = inOrder(graph, node.name);
    if (!decoder.every((each) => each.op === 'Const' || isFoldable(each))) continue;
    const value = computed(decoder);
    if (value.dtype === 'float32') weights.set(node.name, { value, bytes: encodedBytes(decoder) });
  }
  return weights;
}

/** What the last node gives. @param nodes each after those it reads */
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
