export { type WeightConstant, weightConstants } from './weight-constants.ts';
