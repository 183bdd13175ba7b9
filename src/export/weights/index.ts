export { readWeights } from './read-weights.ts';
export { largestRounding } from './rounding.ts';
export { roundWeights, storeWeights } from './store-weights.ts';
export { roundedValues, type StoredValues, storedValues } from './values.ts';
export { expectFloat32Weights, type WeightConstant, weightConstants } from './weight-constants.ts';
