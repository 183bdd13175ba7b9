import { expandDims, reshape, squeeze, transpose } from './arrange.ts';
import { cast } from './cast.ts';
import { cumsum } from './cumsum.ts';
import { add, bitwiseAnd, multiply, shiftRight, subtract } from './element-wise.ts';
import type { Fold } from './fold.ts';
import { gather } from './gather.ts';
import { concatenate, pack } from './join.ts';
import { slice, stridedSlice } from './slice.ts';

/** The operations that are computed when a graph is loaded if all their inputs are constants; a new one is one more entry. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  Add: add,
  AddV2: add,
  BitwiseAnd: bitwiseAnd,
  Cast: cast,
  ConcatV2: concatenate,
  Cumsum: cumsum,
  ExpandDims: expandDims,
  GatherV2: gather,
  Mul: multiply,
  Pack: pack,
  Reshape: reshape,
  RightShift: shiftRight,
  Slice: slice,
  Squeeze: squeeze,
  StridedSlice: stridedSlice,
  Sub: subtract,
  Transpose: transpose,
};
