import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { initializesTable, isTable, isTableInitializer } from '../tensorflow/tables.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';

const readsTable = (node: NodeDef, table: string) =>
  initializesTable(node) && parseInput(node.input[0] ?? '').node === table;

/** A warning for each lookup table that nothing in a stripped graph fills, with the node of the whole graph that would. */
export function emptyTables(graph: GraphDef, whole: GraphDef): string[] {
  return graph.node.filter(isTable).flatMap(({ name, op }) => {
    if (graph.node.some((node) => readsTable(node, name))) return [];
    const initializer = initializerOf(whole, name);
    const advice = initializer
      ? `add ${initializer} to --output_node_names, and run that first`
      : 'no node of the graph fills it';
    return [`the lookup table ${name} (${op}) will be empty: ${advice}`];
  });
}

/** The node that fills a table; preferably one that fills all tables. */
function initializerOf(graph: GraphDef, table: string): string | undefined {
  const filling = graph.node.find((node) => readsTable(node, table));
  if (!filling) return undefined;
  const nodes = nodesByName(graph);
  const all = graph.node.find(
    (node) =>
      node.op === 'NoOp' && node.input.includes(`^${filling.name}`) && isTableInitializer(nodes, node),
  );
  return (all ?? filling).name;
}
