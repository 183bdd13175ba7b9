export { type Distribution, distribution } from './distribution.ts';
export type { InputShapes } from './input-shapes.ts';
export {
  type InspectedWeight,
  type Inspection,
  inspection,
  type MultiplyAdds,
  type TotalMultiplyAdds,
} from './inspection.ts';
export { loadModel } from './load-model.ts';
export type { Model, ModelTensor, ModelWeight } from './model.ts';
export type { NOfM } from './n-of-m.ts';
