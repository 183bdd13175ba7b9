export { keptSettings, settingsOfRun } from './kept-settings.ts';
export type { LayerPruning } from './layer-pruning.ts';
export { train } from './loop.ts';
export { LOSS_DECAY } from './losses.ts';
export type { StepReport, TrainObserver, TrainOptions, TrainResult } from './options.ts';
export { defaultSettings, type RequestedSettings, type RunSettings } from './run-settings.ts';
