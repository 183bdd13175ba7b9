export { roundWeights, storeWeights } from './store-weights.ts';
export { roundedValues, type StoredValues, storedValues, type ValueType } from './values.ts';
export { type WeightConstant, weightConstants } from './weight-constants.ts';
