import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { initializesTable, isTable, isTableInitializer } from '../tensorflow/tables.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';

const readsTable = (node: NodeDef, table: string) =>
  initializesTable(node) && parseInput(node.input[0] ?? '').node === table;

/** Says of each lookup table of a stripped graph that nothing there fills it, and what of the whole graph would. */
export function emptyTables(graph: GraphDef, whole: GraphDef): string[] {
  return graph.node.filter(isTable).flatMap(({ name, op }) => {
    if (graph.node.some((node) => readsTable(node, name))) return [];
    const initializer = initializerOf(whole, name);
    const advice = initializer
      ? `add ${initializer} to --output_node_names, and run that first`
      : 'the graph has nothing that fills it';
    return [`the lookup table ${name} (${op}) will be empty: ${advice}`];
  });
}

/** What fills a table: preferably what fills all of them. */
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
