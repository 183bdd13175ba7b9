export * from './attributes.ts';
export { type MetaGraphOptions, metaGraph } from './meta-graph.ts';
export { constant, graphDef, identity, node, placeholder, withOutputShape } from './node.ts';
export { trainingGraph } from './training-graph.ts';
export { type GraphVariable, graphVariables, readName } from './variables.ts';
