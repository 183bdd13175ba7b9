import { integerAttribute } from '../../tensorflow/attributes.ts';
import { joined, padded, permuted, reshaped, squeezed, stacked, tiled, unsqueezed } from './arrangements.ts';
import { axesAttribute, type Call, integer, type OutputsRule, pairs, type Rule } from './call.ts';
import { imageAxes } from './convolution.ts';
import { axisIn, type Extent, known, type PartialShape } from './partial-shape.ts';

/** Bounds the memory that a damaged attribute can take. */
const MAX_OUTPUTS = 1024;

const pad: Rule = (call) => {
  const amounts = pairs(call, 1);
  return call.inputs[0] && amounts && padded(call.inputs[0], amounts);
};

const concatV2: Rule = (call) => joined(integer(call, call.inputs.length - 1), call.inputs.slice(0, -1));
const concat: Rule = (call) => joined(integer(call, 0), call.inputs.slice(1));

/** Blocks of pixels become channels, or the reverse. */
function blocks(
  call: Call,
  times: (extent: number, block: number) => number,
  channelTimes: typeof times,
): PartialShape | undefined {
  const images = call.inputs[0];
  const block = integerAttribute(call.node, 'block_size', 0);
  if (images?.length !== 4 || block < 1) return undefined;
  const { pixels, channels } = imageAxes(call.node, 4);
  return images.map((extent, axis) =>
    known([extent], (size) => {
      if (axis === channels) return channelTimes(size, block * block);
      return pixels.includes(axis) ? times(size, block) : size;
    }),
  );
}

const multiplied = (a: number, b: number) => a * b;
const divided = (a: number, b: number) => a / b;

/** Blocks of pixels become images, or the reverse. */
function batches(call: Call, toBatch: boolean): PartialShape | undefined {
  const [images, sizes, amounts] = [call.inputs[0], call.integers(1), pairs(call, 2)];
  if (!images || !sizes || amounts?.length !== sizes.length || images.length <= sizes.length)
    return undefined;
  const all = sizes.reduce((total, size) => total * size, 1);
  const moved = ([before, after]: readonly [number, number]) => before + after;
  return images.map((extent, axis) =>
    known([extent], (size) => {
      if (axis === 0) return toBatch ? size * all : size / all;
      const block = sizes[axis - 1];
      if (block === undefined) return size;
      return toBatch ? (size + moved(amounts[axis - 1]!)) / block : size * block - moved(amounts[axis - 1]!);
    }),
  );
}

export const ARRANGE: Readonly<Record<string, Rule>> = {
  Reshape: ({ inputs, integers }) => {
    const target = integers(1);
    return target && reshaped(inputs[0], target);
  },
  Transpose: ({ inputs, integers }) => {
    const axes = integers(1);
    return inputs[0] && axes && permuted(inputs[0], axes);
  },
  Squeeze: ({ node, inputs }) =>
    inputs[0] && squeezed(inputs[0], axesAttribute(node, 'squeeze_dims', 'axis')),
  ExpandDims: (call) => {
    const axis = integer(call, 1);
    return call.inputs[0] && axis !== undefined ? unsqueezed(call.inputs[0], [axis]) : undefined;
  },
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  Tile: ({ inputs, integers }) => {
    const repeats = integers(1);
    return inputs[0] && repeats && tiled(inputs[0], repeats);
  },
  ConcatV2: concatV2,
  Concat: concat,
  Pack: ({ node, inputs }) => stacked(integerAttribute(node, 'axis', 0), inputs),
  SpaceToDepth: (call) => blocks(call, divided, multiplied),
  DepthToSpace: (call) => blocks(call, multiplied, divided),
  SpaceToBatchND: (call) => batches(call, true),
  BatchToSpaceND: (call) => batches(call, false),
  Shape: ({ inputs }) => inputs[0] && [inputs[0].length],
  Range: (call) => {
    const ends = [0, 1, 2].map((input) => integer(call, input));
    return [known(ends, (start, limit, delta) => Math.max(0, Math.ceil((limit - start) / delta)))];
  },
  Size: () => [],
  Rank: () => [],
  Fill: ({ integers }) => integers(0),
  RandomUniform: ({ integers }) => integers(0),
  RandomStandardNormal: ({ integers }) => integers(0),
  TruncatedNormal: ({ integers }) => integers(0),
};

const split: OutputsRule = (call) => {
  const [tensor, axis] = [call.inputs[1], integer(call, 0)];
  const count = integerAttribute(call.node, 'num_split', 0);
  const along = tensor && axisIn(tensor.length, axis);
  if (!tensor || along === undefined || !(count >= 1 && count <= MAX_OUTPUTS)) return [];
  const part = tensor.with(
    along,
    known([tensor[along]], (extent) => extent / count),
  );
  return new Array<PartialShape>(count).fill(part);
};

const splitV: OutputsRule = (call) => {
  const [tensor, sizes, axis] = [call.inputs[0], call.integers(1), integer(call, 2)];
  const along = tensor && axisIn(tensor.length, axis);
  if (!tensor || !sizes || along === undefined || sizes.length > MAX_OUTPUTS) return [];
  const given = sizes.filter((size) => size >= 0).reduce((sum, size) => sum + size, 0);
  const rest = (): Extent => known([tensor[along]], (extent) => extent - given);
  return sizes.map((size) => tensor.with(along, size >= 0 ? size : rest()));
};

const unpack: OutputsRule = ({ node, inputs: [tensor] }) => {
  const axis = tensor && axisIn(tensor.length, integerAttribute(node, 'axis', 0));
  const count = integerAttribute(node, 'num', 0);
  if (!tensor || axis === undefined || !(count >= 1 && count <= MAX_OUTPUTS)) return [];
  return new Array<PartialShape>(count).fill(tensor.toSpliced(axis, 1));
};

export const SEVERAL_OUTPUTS: Readonly<Record<string, OutputsRule>> = {
  Split: split,
  SplitV: splitV,
  Unpack: unpack,
  Merge: ({ inputs }) => [inputs.find((shape) => shape !== undefined), []],
  RefMerge: ({ inputs }) => [inputs.find((shape) => shape !== undefined), []],
};
