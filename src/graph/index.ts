export * from './attributes.ts';
export {
  freeName,
  type InputReference,
  inputNode,
  isSet,
  isVariable,
  nodesByName,
  parseInput,
  tensorInputs,
} from './lookup.ts';
export { type MetaGraphOptions, metaGraph } from './meta-graph.ts';
export { constant, graphDef, identity, node, placeholder, withOutputShape } from './node.ts';
export { allInOrder, inOrder, walk } from './order.ts';
export { initializesTable, isTable, isTableInitializer } from './tables.ts';
export { trainingGraph } from './training-graph.ts';
export { unknownNode } from './unknown-node.ts';
export { type GraphVariable, graphVariables, readName } from './variables.ts';
