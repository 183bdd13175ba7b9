import { integersAttribute } from '../../tensorflow/attributes.ts';
import type { NodeDef } from '../../wire/protos.ts';
import { type Call, type Rule, text } from './call.ts';
import { type Extent, known, type PartialShape } from './partial-shape.ts';
import { type Window, windowed } from './windows.ts';

/** The spatial axes, over which a window slides, and the axis of channels. */
export interface ImageAxes {
  readonly pixels: readonly number[];
  readonly channels: number;
}

/** The axes as the node's data_format says; the batch is the first axis. */
export function imageAxes(node: NodeDef, rank: number): ImageAxes {
  const pixels = Array.from({ length: rank - 2 }, (_, axis) => axis);
  return text(node, 'data_format')?.startsWith('NC')
    ? { pixels: pixels.map((axis) => axis + 2), channels: 1 }
    : { pixels: pixels.map((axis) => axis + 1), channels: rank - 1 };
}

const convolution: Rule = (call) => filtered(call, (filter) => filter.at(-1));

const depthwise: Rule = (call) =>
  filtered(call, (filter) => known(filter.slice(-2), (inputs, each) => inputs * each));

function filtered(call: Call, outputs: (filter: PartialShape) => Extent): PartialShape | undefined {
  const filter = call.inputs[1];
  return filter && slid(call, filter.slice(0, -2), outputs(filter), 'dilations');
}

const pool: Rule = (call) => {
  const images = call.inputs[0];
  if (!images) return undefined;
  const { pixels, channels } = imageAxes(call.node, images.length);
  const sizes = call.inputs.length > 1 ? call.integers(1) : integersAttribute(call.node, 'ksize');
  return slid(
    call,
    pixels.map((axis) => sizes?.[axis]),
    images[channels],
  );
};

/** The shape of the result of windows of these sizes over the first input. */
function slid(
  call: Call,
  sizes: PartialShape,
  outputs: Extent,
  dilationKey?: string,
): PartialShape | undefined {
  const { node, inputs } = call;
  const images = inputs[0];
  if (!images || images.length !== sizes.length + 2 || sizes.length === 0) return undefined;
  const { pixels, channels } = imageAxes(node, images.length);
  const given = integersAttribute(node, 'strides');
  const strides = given.length > 0 ? given : (call.integers(2) ?? []);
  const dilations = dilationKey === undefined ? [] : integersAttribute(node, dilationKey);
  const explicit = integersAttribute(node, 'explicit_paddings');
  const windows = pixels.map(
    (axis, at): Window => ({
      size: sizes[at],
      stride: strides[axis] ?? Number.NaN,
      dilation: dilations[axis] ?? 1,
      padding: paddingOf(node) ?? (explicit[2 * axis] ?? 0) + (explicit[2 * axis + 1] ?? 0),
    }),
  );
  const extents = windowed(
    pixels.map((axis) => images[axis]),
    windows,
  );
  return (
    extents &&
    images.map((extent, axis) =>
      axis === channels ? outputs : (extents[pixels.indexOf(axis)] ?? (axis === 0 ? extent : undefined)),
    )
  );
}

function paddingOf(node: NodeDef): 'SAME' | 'VALID' | undefined {
  const padding = text(node, 'padding');
  return padding === 'SAME' || padding === 'VALID' ? padding : undefined;
}

/** The result's shape is an input of the node. */
const given: Rule = (call) => {
  const sizes = call.integers(0);
  const incoming = call.inputs[2];
  if (!sizes || !incoming) return undefined;
  // TensorFlow.js leaves the batch open.
  return sizes.map((extent, axis) => (extent === -1 && axis === 0 ? incoming[0] : extent));
};

export const CONVOLUTIONS: Readonly<Record<string, Rule>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  FusedConv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: depthwise,
  _FusedDepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: given,
  Conv3DBackpropInputV2: given,
  DepthwiseConv2dNativeBackpropInput: given,
  MaxPool: pool,
  MaxPoolV2: pool,
  MaxPool3D: pool,
  MaxPoolWithArgmax: pool,
  AvgPool: pool,
  AvgPool3D: pool,
};
