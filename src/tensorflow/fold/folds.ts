import { expandDims, reshape, squeeze, transpose } from './arrange.ts';
import { cast } from './cast.ts';
import { select, selectV2 } from './choose.ts';
import {
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
} from './compare.ts';
import { cumsum } from './cumsum.ts';
import { add, bitwiseAnd, multiply, shiftRight, subtract } from './element-wise.ts';
import { broadcastTo, fill, onesLike, tile, zerosLike } from './fill.ts';
import type { Fold } from './fold.ts';
import { gather } from './gather.ts';
import { concatenate, pack } from './join.ts';
import { magnitude } from './magnitude.ts';
import { slice, stridedSlice } from './slice.ts';

/** The operations that are computed when a graph is loaded, if all their inputs are constants. To add an operation, add an entry. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  Abs: magnitude,
  Add: add,
  AddV2: add,
  BitwiseAnd: bitwiseAnd,
  BroadcastTo: broadcastTo,
  Cast: cast,
  ConcatV2: concatenate,
  Cumsum: cumsum,
  Equal: equal,
  ExpandDims: expandDims,
  Fill: fill,
  GatherV2: gather,
  Greater: greater,
  GreaterEqual: greaterEqual,
  Less: less,
  LessEqual: lessEqual,
  LogicalAnd: logicalAnd,
  LogicalNot: logicalNot,
  LogicalOr: logicalOr,
  Mul: multiply,
  NotEqual: notEqual,
  OnesLike: onesLike,
  Pack: pack,
  Reshape: reshape,
  RightShift: shiftRight,
  Select: select,
  SelectV2: selectV2,
  Slice: slice,
  Squeeze: squeeze,
  StridedSlice: stridedSlice,
  Sub: subtract,
  Tile: tile,
  Transpose: transpose,
  ZerosLike: zerosLike,
};
