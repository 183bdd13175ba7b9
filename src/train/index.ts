export { keptSettings } from './kept-settings.ts';
export type { LayerPruning } from './layer-pruning.ts';
export { train } from './loop.ts';
export { LOSS_DECAY } from './losses.ts';
export type { StepReport, TrainObserver, TrainOptions, TrainResult } from './options.ts';
export { DEFAULT_SETTINGS, type RunSettings } from './run-settings.ts';
