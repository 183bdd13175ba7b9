import { isVariable, nodesByName, tensorInputs } from '../graph/index.ts';
import { isMaskedWeight } from '../strip/index.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import { firstOutput, origin } from './graph-inputs.ts';
import type { KnownValues } from './known-values.ts';
import { type ModelWeight, totalUses, unknownShapesNotice } from './model.ts';
import { numeric, transposedMatrix } from './numeric-tensor.ts';
import { products } from './products.ts';

export interface GraphWeights {
  readonly weights: readonly ModelWeight[];
  readonly notices: readonly string[];
}

const MASK = /(^|\/)mask(_\d+)?$/;

/** The weights that a graph multiplies by, masked and decoded as it does that itself. */
export function graphWeights(graph: GraphDef, known: KnownValues): GraphWeights {
  const nodes = nodesByName(graph);
  const found = products(graph, known);
  const sources = new Set(found.map((product) => product.weights));
  // A masked weight is one whether anything reads it or not.
  for (const node of graph.node)
    if (isMaskedWeight(node.name) && known.constants.has(node.name)) sources.add(node);

  const weights = [...sources].map((node): ModelWeight => {
    const readers = found.filter((product) => product.weights === node);
    const value = numeric(known.constants.get(node.name)!);
    const masked = maskedBy(nodes, node, known);
    return {
      name: masked?.variable ?? node.name,
      shape: value.shape,
      effective: readers.some((reader) => reader.transposed) ? transposedMatrix(value) : value,
      ...(masked && { masked }),
      storedBytes: leavesOf(nodes, node).reduce(
        (sum, { name }) => sum + bytesOf(known.constants.get(name)),
        0,
      ),
      uses: totalUses(readers),
    };
  });
  const unknown = found.filter(({ uses }) => uses === undefined).map(({ node }) => node.name);
  return { weights, notices: unknownShapesNotice(unknown) };
}

/** The mask and the raw weights, where the node multiplies two variables of one shape of which one is a mask. */
function maskedBy(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef, { constants }: KnownValues) {
  if (node.op !== 'Mul') return undefined;
  const factors = tensorInputs(node).map((input) => origin(nodes, input));
  const mask = factors.find(({ name }) => MASK.test(name));
  const variable = factors.find((factor) => factor !== mask);
  if (!mask || !variable || !isVariable(mask) || !isVariable(variable)) return undefined;
  const [maskValues, raw] = [constants.get(mask.name)!, constants.get(variable.name)!];
  if (maskValues.shape.join() !== raw.shape.join()) return undefined;
  return { variable: variable.name, mask: numeric(maskValues), raw: numeric(raw) };
}

/** The constants and variables that a constant node is computed from. */
function leavesOf(nodes: ReadonlyMap<string, NodeDef>, node: NodeDef): NodeDef[] {
  const reached = new Set([node]);
  // A set's iterator also visits what is added on the way.
  for (const one of reached)
    for (const input of tensorInputs(one)) {
      const producer = firstOutput(nodes, input);
      if (producer) reached.add(producer);
    }
  return [...reached].filter((one) => one.op === 'Const' || isVariable(one));
}

function bytesOf(tensor: Tensor | undefined): number {
  return tensor ? tensorBytes(tensor).length : 0;
}
