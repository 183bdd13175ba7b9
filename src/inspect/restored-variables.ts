import { isVariable, nodesByName, parseInput, tensorInputs } from '../tensorflow/lookup.ts';
import { constantString, restoredFrom } from '../tensorflow/restored.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { originsIn } from './graph-inputs.ts';
import { inlinedGraph } from './inlined-graph.ts';

const ASSIGNING = new Set(['Assign', 'AssignVariableOp']);

/**
 * For the name of each variable's node, the name of the variable in the checkpoint from which the graph restores it. In
 * SavedModels of TensorFlow 2 the two names differ.
 *
 * @throws UserError `graph` if two nodes have one name
 */
export function restoredVariables(graph: GraphDef): ReadonlyMap<string, string> {
  const inlined = inlinedGraph(graph).graph;
  const nodes = nodesByName(inlined);
  const origin = originsIn(nodes);
  const found = new Map<string, string>();
  const copied = new Map<string, string>();
  for (const node of inlined.node) {
    const [target, value] = tensorInputs(node);
    if (!ASSIGNING.has(node.op) || target === undefined || value === undefined) continue;
    if (!nodes.has(parseInput(target).node)) continue;
    const variable = origin(target);
    const key = restoredKey(nodes, value);
    if (!isVariable(variable)) continue;
    if (key !== undefined) found.set(variable.name, key);
    else if (nodes.has(parseInput(value).node)) copied.set(variable.name, origin(value).name);
  }
  // Keras 3 saves copies of variables, and computes with the originals.
  for (const [copy, original] of copied) {
    const key = found.get(copy);
    if (key !== undefined && !found.has(original)) found.set(original, key);
  }
  return found;
}

/** The name under which a value is read from a checkpoint; undefined if it is not read from one. */
function restoredKey(nodes: ReadonlyMap<string, NodeDef>, value: string): string | undefined {
  const restored = restoredFrom(nodes, value);
  return restored && constantString(nodes, restored.node.input[1], restored.output);
}
