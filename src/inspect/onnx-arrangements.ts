import { hasOnnxAttribute, onnxInteger, onnxIntegers } from '../formats/onnx/attributes.ts';
import { integersIn, listOf, type OnnxCall } from './onnx-call.ts';
import { reduced, reshaped, takenAlong } from './shapes/arrangements.ts';
import { axesIn, axisIn, type Extent, known, type PartialShape, product } from './shapes/partial-shape.ts';

/** The shape of a node's only output, or its first. */
export type OnnxRule = (call: OnnxCall) => PartialShape | undefined;
/** The shapes of several outputs. */
export type OnnxOutputsRule = (call: OnnxCall) => readonly (PartialShape | undefined)[];

/** Bounds the memory that a damaged node can take. */
const MAX_OUTPUTS = 1024;

export const reshape: OnnxRule = (call) => {
  const target = listOf(call, 'shape', 1);
  const [input] = call.inputs;
  const keepsZeros = onnxInteger(call.node, 'allowzero', 0) === 1;
  const extents = target?.map((extent, axis) => (extent === 0 && !keepsZeros ? input?.[axis] : extent));
  return extents && known(extents, (...all) => reshaped(input, all));
};

export const flatten: OnnxRule = ({ node, inputs: [a] }) => {
  const axis = onnxInteger(node, 'axis', 1);
  const at = a && (axis < 0 ? axis + a.length : axis);
  return a && at !== undefined ? [product(a.slice(0, at)), product(a.slice(at))] : undefined;
};

export const slice: OnnxRule = (call) => {
  const [a] = call.inputs;
  const [starts, ends] = [listOf(call, 'starts', 1), listOf(call, 'ends', 2)];
  const count = starts?.length ?? ends?.length ?? call.inputs[1]?.[0];
  if (!a || count === undefined || count > a.length) return undefined;
  const given = listOf(call, 'axes', 3, [...new Array(count).keys()]);
  const steps = listOf(call, 'steps', 4, new Array(count).fill(1));
  const axes = given && axesIn(a.length, given);
  if (!axes) return undefined;
  return a.map((extent, axis) => {
    const at = axes.indexOf(axis);
    if (at === -1) return extent;
    return known([extent, starts?.[at], ends?.[at], steps?.[at]], takenAlong);
  });
};

export const pad: OnnxRule = (call) => {
  const [a] = call.inputs;
  const pads =
    listOf(call, 'pads', 1) ??
    (hasOnnxAttribute(call.node, 'paddings') ? onnxIntegers(call.node, 'paddings') : undefined);
  const axes = a && axesIn(a.length, listOf(call, 'axes', 3, [...a.keys()]) ?? []);
  if (!a || !pads || !axes || pads.length !== 2 * axes.length) return undefined;
  return a.map((extent, axis) => {
    const at = axes.indexOf(axis);
    return at === -1 ? extent : known([extent], (size) => size + pads[at]! + pads[at + axes.length]!);
  });
};

export const reduction: OnnxRule = (call) => {
  const [a] = call.inputs;
  const axes = listOf(call, 'axes', 1, []);
  if (!a || !axes) return undefined;
  const keeps = onnxInteger(call.node, 'keepdims', 1) === 1;
  if (axes.length > 0) return reduced(a, axes, keeps);
  return onnxInteger(call.node, 'noop_with_empty_axes', 0) === 1 ? a : reduced(a, [...a.keys()], keeps);
};

export const argument: OnnxRule = ({ node, inputs: [a] }) =>
  a && reduced(a, [onnxInteger(node, 'axis', 0)], onnxInteger(node, 'keepdims', 1) === 1);

/** Blocks of pixels become channels, or the reverse. */
export const blocks =
  (toPixels: boolean): OnnxRule =>
  ({ node, inputs: [a] }) => {
    const size = onnxInteger(node, 'blocksize', 0);
    if (a?.length !== 4 || size < 1) return undefined;
    const [images, channels, height, width] = a;
    const factor = toPixels ? size : 1 / size;
    const scaled = (extent: Extent, by: number) => known([extent], (value) => value * by);
    return [images, scaled(channels, 1 / factor ** 2), scaled(height, factor), scaled(width, factor)];
  };

export const constantOfShape: OnnxRule = (call) => integersIn(call, 0);

export const split: OnnxOutputsRule = (call) => {
  const [a] = call.inputs;
  const axis = a && axisIn(a.length, onnxInteger(call.node, 'axis', 0));
  const count = call.node.output.length;
  if (!a || axis === undefined || count > MAX_OUTPUTS) return [];
  const each = known([a[axis]], (extent) => Math.ceil(extent / count));
  const sizes = listOf(call, 'split', 1, new Array(count).fill(undefined));
  return Array.from({ length: count }, (_, at) => {
    const rest = known([a[axis], each], (extent, size) => Math.min(size, Math.max(0, extent - at * size)));
    return a.with(axis, sizes ? (sizes[at] ?? rest) : undefined);
  });
};
