import { ComputedWeights } from '../compile/computed-weights.ts';
import type { ConvolutionGeometry } from '../compile/convolution-geometry.ts';
import { paddingWork } from '../compile/copies.ts';
import { firstPixel, type ImageBuffer, keepPadding, plainLayout } from '../compile/image-buffer.ts';
import type { Lowering } from '../compile/lowering.ts';
import type { Rule } from '../compile/rule.ts';
import { share } from '../compile/segment.ts';
import type { ConvolutionStep, Pooling } from '../compile/steps.ts';
import type { Weights } from '../compile/weights.ts';
import type { Places } from '../compile/workspace.ts';
import { roundUp, type SharedMemory } from '../memory.ts';
import { clearRowEnds, imageBytes, type Planes, planes, toImageCall } from '../planes.ts';
import type { Call } from '../program.ts';
import type { ChannelRange, Grid } from '../taps.ts';
import type { Gradients } from '../train/gradients.ts';
import { SLICES } from '../train/slices.ts';
import { gatherBiases } from '../train/weighted.ts';
import { InputGradient } from './input-gradient.ts';
import { argmaxOf, poolCalls, poolGradientCall } from './pooling.ts';

/** Bytes of planes that a convolution computes before it pools them: so few that they stay in the first-level cache. */
const POOLED_BYTES = 14_000;

/** A convolution with bias and ReLU, and with the pooling that follows it, if any. */
export const convolution: Rule<ConvolutionStep> = (step, at) => {
  const { graph } = at;
  const plan = graph.convolution(step);
  const weights = graph.weights(step);
  const input = at.images(step.input);
  const y = at.newImages(step);
  // These phases run before the open segment, which reads the packed weights.
  if (weights instanceof ComputedWeights) at.addPhases([weights.packCalls(at.plain(step.weights).offset)]);
  const x = graph.readsInPlace(step) ? input : paddedCopy(input, plan, at);
  const argmax = step.pooling && graph.trains ? argmaxOf(y, at) : undefined;
  const lowered = { step, plan, weights, x, y, argmax };
  const observed = graph.trains ? at.observed(step.activated) : undefined;
  if (step.pooling) addPooled(step.pooling, lowered, observed, at);
  else addWhole(lowered, observed, at);
  return graph.trains ? (gradients) => backward(lowered, gradients) : undefined;
};

interface Lowered {
  readonly step: ConvolutionStep;
  readonly plan: ConvolutionGeometry;
  readonly weights: Weights;
  /** The padded input. */
  readonly x: Places;
  readonly y: ImageBuffer;
  readonly argmax: Places | undefined;
}

function paddedCopy(input: ImageBuffer, { padded }: ConvolutionGeometry, at: Lowering): Places {
  const { segment, graph } = at;
  const copy = at.places(padded.bytes, !segment.split && !graph.trains, true);
  segment.add(paddingWork(input, padded, copy.offset, copy.stride));
  return copy;
}

function addWhole({ step, plan, weights, x, y }: Lowered, observed: number | undefined, at: Lowering): void {
  const { window } = plan;
  const { channels, block } = weights;
  const { segment } = at;
  const { sparseRows } = at.workspace.memory.kernels;
  const correlate = correlation(step, plan, weights, x, at);
  const rowParts = Math.min(segment.parts, Math.ceil(window.rows / sparseRows));
  const channelParts = Math.min(Math.ceil(segment.parts / rowParts), Math.ceil(channels / block));
  segment.add({
    parts: rowParts * channelParts,
    calls: (item, part) => {
      const rows = share(window.rows, rowParts, part % rowParts, sparseRows);
      const range = share(channels, channelParts, Math.floor(part / rowParts), block);
      const target = firstPixel(y, item);
      return [
        ...correlate(item, target, y.layout, range, rows),
        ...keepPadding(y.layout, target, range, rows),
      ];
    },
    ...(observed !== undefined && {
      observe: (item) => [toImageCall(y.layout, firstPixel(y, item), observed + item * imageBytes(y.layout))],
    }),
  });
}

/** Computes a few channels at a time and pools them at once, while they are in the cache. */
function addPooled(
  pooling: Pooling,
  { step, plan, weights, x, y, argmax }: Lowered,
  observed: number | undefined,
  at: Lowering,
): void {
  const { segment, workspace } = at;
  const { channels, block } = weights;
  const correlate = correlation(step, plan, weights, x, at);
  const between = plainLayout(outputPlanes(plan, workspace.memory));
  const parts = roundUp(Math.ceil(channels / segment.parts), block);
  const fitting = block * Math.max(1, Math.floor(POOLED_BYTES / between.plane / block));
  const group = Math.min(channels, parts, fitting);
  const outputs = workspace.own(group * between.plane);
  const rangeOf = (part: number) => ({ first: part * group, end: Math.min(channels, (part + 1) * group) });
  const rows = { first: 0, end: plan.window.rows };
  const groupOf = ({ first, end }: ChannelRange): Planes => ({ ...between, channels: end - first });
  segment.add({
    parts: Math.ceil(channels / group),
    calls: (item, part) => {
      const range = rangeOf(part);
      return [
        ...correlate(item, outputs - range.first * between.plane, between, range, rows),
        ...poolCalls(pooling, groupOf(range), outputs, y, argmax, item, range),
      ];
    },
    ...(observed !== undefined && {
      observe: (item, part) => {
        const range = rangeOf(part);
        const target = observed + item * imageBytes(between) + 4 * range.first;
        return [toImageCall(groupOf(range), outputs, target, channels)];
      },
    }),
  });
}

/**
 * Returns a function that makes the calls for a range of rows and channels of an item. Its `target` is the address of row 0 of
 * channel 0.
 */
function correlation(
  step: ConvolutionStep,
  { window, padded }: ConvolutionGeometry,
  weights: Weights,
  x: Places,
  { graph }: Lowering,
) {
  const { bias, floor } = graph.activation(step);
  const xRow = step.compute.strides[0] * padded.row;
  return (
    item: number,
    target: number,
    layout: Planes,
    range: ChannelRange,
    rows: { first: number; end: number },
  ): Call[] => {
    const grid = {
      firstRow: rows.first,
      rows: rows.end - rows.first,
      columns: window.columns,
      xRow,
      yRow: layout.row,
      yPlane: layout.plane,
    };
    const from = x.offset + item * x.stride + rows.first * xRow;
    return weights.correlate(from, target + rows.first * layout.row, grid, bias, floor, range);
  };
}

function outputPlanes({ kernel, window }: ConvolutionGeometry, { kernels }: SharedMemory): Planes {
  return planes(kernels, kernel[3], window.rows, window.columns);
}

/** Adds the gradient of the input, image by image, and those of weights and biases: a sum for each slice, a few images at a time. */
function backward({ step, plan, x, y, argmax }: Lowered, at: Gradients): void {
  const { compute, pooling, relu } = step;
  const { memory } = at;
  const { kernel, window, padded } = plan;
  const stride = compute.strides[0];
  const { parameters, correlation: forward } = at.trained(step);
  const layout = outputPlanes(plan, memory);
  const d = at.of(step.output);
  const dx = at.target(step.input);
  const outputs = pooling ? { ...at.own(layout.bytes, !dx), layout } : d;
  const geometry = { kernel, stride, window };
  const input = dx && new InputGradient(at, at.places(step), geometry, outputs, dx);
  const { buffer: dy, start, row, plane } = input ?? { buffer: outputs, start: 0, ...layout };
  at.add((position): Call[] => {
    const { image } = position;
    const calls: Call[] = [];
    if (relu) {
      const count = d.layout.bytes / 4;
      calls.push({ kernel: 'reluGradient', d: d.at(position), y: firstPixel(y, image), count });
    }
    if (pooling) {
      const places = argmax!.offset + image * argmax!.stride;
      calls.push(poolGradientCall(pooling, d.layout, d.at(position), places, layout, outputs.at(position)));
    }
    return [...calls, ...(input?.calls(position) ?? clearRowEnds(layout, outputs.at(position)))];
  });

  const sums = memory.allocate(SLICES * forward.gradientBytes);
  const biasBytes = 4 * layout.channels;
  const biasSums = memory.allocate(SLICES * biasBytes);
  const scratch = at.own(forward.scratchBytes, false);
  const grid: Grid = {
    rows: layout.rows,
    columns: layout.columns,
    xRow: stride * padded.row,
    yRow: row,
    yPlane: plane,
  };
  at.addSum((first, images, accumulate) => {
    const source = dy.at(first) + start;
    const range = { images, xImage: x.stride, dyImage: dy.stride, accumulate };
    const sumBiases = (image: number): Call => ({
      kernel: 'sumPlanes',
      source: source + image * dy.stride,
      sums: biasSums + first.slice * biasBytes,
      planes: layout.channels,
      rows: layout.rows,
      columns: layout.columns,
      plane,
      row,
      accumulate: Number(accumulate || image > 0),
    });
    return [
      ...forward.gradientCalls(
        x.offset + first.image * x.stride,
        source,
        grid,
        range,
        sums + first.slice * forward.gradientBytes,
        scratch.at(first),
      ),
      ...Array.from({ length: images }, (_, image) => sumBiases(image)),
    ];
  });
  at.addWeights({
    parameters,
    correlations: [forward, ...(input?.correlations ?? [])],
    gatherTasks: (slices) => [
      ...forward.tasks((range) => forward.gatherCalls(sums, slices, parameters.weights.gradient, range)),
      gatherBiases(parameters.biases, biasSums, slices),
    ],
  });
}
