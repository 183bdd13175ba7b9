export { type Allocation, allocate, type Curve, type CurvePoint, reach } from './allocate.ts';
export {
  allocationHparams,
  type Proposal,
  proposeForLoss,
  proposeForTarget,
  type SensitivityOptions,
  sensitivityCurves,
} from './sensitivity.ts';
