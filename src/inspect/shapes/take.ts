import { integerAttribute } from '../../tensorflow/attributes.ts';
import { gathered, takenAlong } from './arrangements.ts';
import { type Call, integer, type Rule } from './call.ts';
import { type Extent, known, type PartialShape } from './partial-shape.ts';

const slice: Rule = ({ inputs: [tensor], integers }) => {
  const [begin, size] = [integers(1), integers(2)];
  if (!tensor || size?.length !== tensor.length) return undefined;
  return tensor.map((extent, axis) =>
    size[axis] === -1 ? known([extent, begin?.[axis]], (all, first) => all - first) : size[axis],
  );
};

/** What StridedSlice does with one axis, or a new axis that it inserts. */
interface Part {
  readonly kind: 'taken' | 'one' | 'whole' | 'new';
  readonly begin?: Extent;
  readonly end?: Extent;
  readonly stride?: number;
}

const stridedSlice: Rule = (call) => {
  const tensor = call.inputs[0];
  const parts = tensor && partsOf(call, tensor.length);
  if (!parts) return undefined;
  const result: Extent[] = [];
  let axis = 0;
  for (const { kind, begin, end, stride = 1 } of parts) {
    const extent = kind === 'new' ? 1 : tensor[axis++];
    if (kind === 'new' || kind === 'whole') result.push(extent);
    else if (kind === 'taken') result.push(known([extent], (all) => takenAlong(all, begin, end, stride)));
  }
  return result;
};

/** One part for each axis of the tensor and each new axis; undefined if they do not match. */
function partsOf(call: Call, rank: number): Part[] | undefined {
  const [begin, end, strides] = [call.integers(1), call.integers(2), call.integers(3)];
  const count = (begin ?? end ?? strides)?.length ?? call.inputs[1]?.[0];
  if (count === undefined || count > 64) return undefined;
  const isIn = (key: string, at: number) =>
    at < 31 && ((integerAttribute(call.node, key, 0) >> at) & 1) === 1;
  const parts: Part[] = [];
  const specified = Array.from({ length: count }, (_, at) => at);
  const taken = specified.filter((at) => !isIn('new_axis_mask', at) && !isIn('ellipsis_mask', at)).length;
  if (taken > rank) return undefined;
  for (const at of specified) {
    if (isIn('ellipsis_mask', at)) parts.push(...new Array<Part>(rank - taken).fill({ kind: 'whole' }));
    else if (isIn('new_axis_mask', at)) parts.push({ kind: 'new' });
    else if (isIn('shrink_axis_mask', at)) parts.push({ kind: 'one' });
    else {
      const ends = [
        isIn('begin_mask', at) ? undefined : begin?.[at],
        isIn('end_mask', at) ? undefined : end?.[at],
      ];
      const lacks = (!begin && !isIn('begin_mask', at)) || (!end && !isIn('end_mask', at)) || !strides;
      parts.push(
        lacks
          ? { kind: 'taken', stride: 0 }
          : { kind: 'taken', begin: ends[0], end: ends[1], stride: strides[at]! },
      );
    }
  }
  const left = rank - parts.filter(({ kind }) => kind !== 'new').length;
  return left < 0 ? undefined : [...parts, ...new Array<Part>(left).fill({ kind: 'whole' })];
}

const gatherV2: Rule = (call) => {
  const [tensor, indices] = call.inputs;
  const isBatched = integerAttribute(call.node, 'batch_dims', 0) !== 0;
  return tensor && indices && !isBatched ? gathered(tensor, indices, integer(call, 2)) : undefined;
};

const gather: Rule = ({ inputs: [tensor, indices] }) => tensor && indices && gathered(tensor, indices, 0);

const gatherNd: Rule = ({ inputs: [tensor, indices] }) => {
  const depth = indices?.at(-1);
  return tensor && indices && depth !== undefined
    ? [...indices.slice(0, -1), ...tensor.slice(depth)]
    : undefined;
};

const oneHot: Rule = (call) => {
  const [indices, depth] = [call.inputs[0], integer(call, 1)];
  const axis = integerAttribute(call.node, 'axis', -1);
  return indices && depth !== undefined
    ? indices.toSpliced(axis < 0 ? indices.length : axis, 0, depth)
    : undefined;
};

/** Height and width are an input; images and channels stay. */
const resize: Rule = ({ inputs: [images], integers }) => {
  const size = integers(1);
  return images?.length === 4 && size?.length === 2 ? [images[0], size[0], size[1], images[3]] : undefined;
};

const cropAndResize: Rule = ({ inputs: [images, boxes], integers }): PartialShape | undefined => {
  const size = integers(3);
  return images?.length === 4 && boxes && size?.length === 2
    ? [boxes[0], size[0], size[1], images[3]]
    : undefined;
};

export const TAKE: Readonly<Record<string, Rule>> = {
  Slice: slice,
  StridedSlice: stridedSlice,
  GatherV2: gatherV2,
  Gather: gather,
  ResourceGather: gather,
  GatherNd: gatherNd,
  OneHot: oneHot,
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  ResizeBicubic: resize,
  ResizeArea: resize,
  CropAndResize: cropAndResize,
};
