export { graphTextPath, stepOfPrefix } from './files.ts';
export { existingCheckpoint, latestCheckpoint } from './find.ts';
export { type Checkpoint, openCheckpoint, readMetaGraph } from './open.ts';
export { encodeBundle, type NewCheckpoint, saveCheckpoint, writeGraphText } from './save.ts';
export { type KeptCheckpoints, readState } from './state.ts';
