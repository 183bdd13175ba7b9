export { type Distribution, distribution } from './distribution.ts';
export { type InspectedWeight, type Inspection, inspection, type MultiplyAdds } from './inspection.ts';
export { loadModel } from './load-model.ts';
export type { Model, ModelTensor, ModelWeight } from './model.ts';
export type { NOfM } from './n-of-m.ts';
