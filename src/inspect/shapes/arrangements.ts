import { axesIn, axisIn, type Extent, isKnown, known, type PartialShape, product } from './partial-shape.ts';

// Shapes of operations that rearrange axes, for TensorFlow and ONNX. All functions return undefined if the arguments do not match.

/** @param target at most one extent of which is -1 and follows from the others */
export function reshaped(
  input: PartialShape | undefined,
  target: readonly number[],
): PartialShape | undefined {
  const rest = target.filter((extent) => extent !== -1);
  if (target.length - rest.length > 1 || rest.some((extent) => extent < 0)) return undefined;
  const elements = input && product(input);
  const inferred = known([elements, product(rest)], (all, others) => all / others);
  return target.map((extent) =>
    extent === -1 ? (Number.isInteger(inferred) ? inferred : undefined) : extent,
  );
}

/** @param axes for each axis of the result the axis of the input */
export function permuted(input: PartialShape, axes: readonly number[]): PartialShape | undefined {
  const found = axesIn(input.length, axes);
  if (!found || new Set(found).size !== input.length || found.length !== input.length) return undefined;
  return found.map((axis) => input[axis]);
}

/** Removes the axes or, if none are given, all axes of extent 1. */
export function squeezed(input: PartialShape, axes: readonly number[]): PartialShape | undefined {
  if (axes.length === 0) return isKnown(input) ? input.filter((extent) => extent !== 1) : undefined;
  const dropped = axesIn(input.length, axes);
  return dropped && input.filter((_, axis) => !dropped.includes(axis));
}

/** Inserts axes of extent 1. @param axes positions in the result */
export function unsqueezed(input: PartialShape, axes: readonly number[]): PartialShape | undefined {
  const rank = input.length + axes.length;
  const added = axesIn(rank, axes);
  if (!added || new Set(added).size !== added.length) return undefined;
  const others = input.values();
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : others.next().value));
}

/** @param axes axes over which values are combined */
export function reduced(
  input: PartialShape,
  axes: readonly number[],
  keepsAxes: boolean,
): PartialShape | undefined {
  const gone = axesIn(input.length, axes);
  if (!gone) return undefined;
  return keepsAxes
    ? input.map((extent, axis) => (gone.includes(axis) ? 1 : extent))
    : input.filter((_, axis) => !gone.includes(axis));
}

/** Tensors concatenated along an axis. */
export function joined(
  axis: Extent,
  inputs: readonly (PartialShape | undefined)[],
): PartialShape | undefined {
  const ranked = inputs.find((shape) => shape !== undefined);
  const along = ranked && axisIn(ranked.length, axis);
  if (!ranked || along === undefined) return undefined;
  if (inputs.some((shape) => shape && shape.length !== ranked.length)) return undefined;
  let sum: Extent = 0;
  for (const shape of inputs) sum = known([sum, shape?.[along]], (a, b) => a + b);
  return ranked.map((_, at) =>
    at === along ? sum : inputs.find((shape) => shape?.[at] !== undefined)?.[at],
  );
}

/** Tensors of one shape, stacked along a new axis. */
export function stacked(
  axis: number,
  inputs: readonly (PartialShape | undefined)[],
): PartialShape | undefined {
  const [one] = inputs.flatMap((shape) => (shape ? [shape] : []));
  const at = one && axisIn(one.length + 1, axis);
  return one && at !== undefined ? one.toSpliced(at, 0, inputs.length) : undefined;
}

/** @param amounts for each axis the padding before and after; negative values crop */
export function padded(
  input: PartialShape,
  amounts: readonly (readonly [number, number])[],
): PartialShape | undefined {
  if (amounts.length !== input.length) return undefined;
  return input.map((extent, axis) => known([extent], (size) => size + amounts[axis]![0] + amounts[axis]![1]));
}

export function tiled(input: PartialShape, repeats: readonly number[]): PartialShape | undefined {
  if (repeats.length !== input.length) return undefined;
  return input.map((extent, axis) => known([extent], (size) => size * repeats[axis]!));
}

/** The slices that `indices` select along an axis. */
export function gathered(input: PartialShape, indices: PartialShape, axis: Extent): PartialShape | undefined {
  const along = axisIn(input.length, axis);
  return along === undefined ? undefined : [...input.slice(0, along), ...indices, ...input.slice(along + 1)];
}

/** Number of values that a slice takes of an axis. `begin` and `end` are as in Python; undefined means the end of the axis. */
export function takenAlong(extent: number, begin: Extent, end: Extent, stride: number): Extent {
  if (stride === 0) return undefined;
  const [lowest, highest] = stride > 0 ? [0, extent] : [-1, extent - 1];
  const within = (index: number) => Math.min(Math.max(index < 0 ? index + extent : index, lowest), highest);
  const first = begin === undefined ? (stride > 0 ? lowest : highest) : within(begin);
  const last = end === undefined ? (stride > 0 ? highest : lowest) : within(end);
  return Math.max(0, Math.ceil((last - first) / stride));
}
