export { graphTextPath, isFile, stepOfPrefix } from './files.ts';
export { existingCheckpoint, latestCheckpoint, MissingCheckpoint } from './find.ts';
export { readMetaGraph } from './meta-graph.ts';
export { type Checkpoint, openCheckpoint } from './open.ts';
export { type HeldCheckpoint, openExisting, openLatest } from './open-latest.ts';
export { readFloat32 } from './read-float32.ts';
export { encodeBundle, type NewCheckpoint, saveCheckpoint, writeGraphText } from './save.ts';
export { cutSlice, type Slice } from './slices.ts';
export { type KeptCheckpoints, readState } from './state.ts';
