export { type FrozenModel, type FrozenModelOptions, loadFrozenModel } from './frozen-model.ts';
