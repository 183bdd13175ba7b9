export { train } from './loop.ts';
export type { StepReport, TrainObserver, TrainOptions, TrainResult } from './options.ts';
export { DEFAULT_SETTINGS, type RunSettings, readSettings } from './run-settings.ts';
