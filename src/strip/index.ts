export type { StrippedTensor } from './fold-masked-weights.ts';
export type { VariableValues } from './freeze-variables.ts';
export { isMaskedWeight } from './masked-weights.ts';
export { type StripCheckpointOptions, type StrippedCheckpoint, stripCheckpoint } from './strip-checkpoint.ts';
export { type GraphInput, type StripOptions, type StripReport, strippedGraph } from './stripped-graph.ts';
