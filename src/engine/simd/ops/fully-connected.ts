import {
  type BlockBuffer,
  type Blocking,
  featureTaps,
  filledOf,
  imagesOf,
  runsOf,
} from '../compile/feature-blocks.ts';
import type { Lowering } from '../compile/lowering.ts';
import type { Rule } from '../compile/rule.ts';
import { type Segment, share, type Work } from '../compile/segment.ts';
import type { FullyConnectedStep } from '../compile/steps.ts';
import type { Weights } from '../compile/weights.ts';
import { Correlation } from '../correlation.ts';
import type { Call } from '../program.ts';
import type { ChannelRange, Grid } from '../taps.ts';
import type { Gradients } from '../train/gradients.ts';
import { gatherBiases } from '../train/weighted.ts';

/** Number of tasks into which the backward pass is divided. */
const PARTS = 16;

export const fullyConnected: Rule<FullyConnectedStep> = (step, at) => {
  const { graph, segment } = at;
  const blocking = at.blocking(step);
  const weights = graph.weights(step);
  const x = at.features(step);
  const y = at.newBlocks(step, weights.channels);
  const { bias, floor } = graph.activation(step);
  segment.add(fullyConnectedWork(weights, x, y, blocking, bias, floor, segment));
  if (!graph.trains) {
    if (graph.need(step.output).plain)
      segment.add({
        ...copied,
        calls: scatterCalls(y, blocking, weights.channels, at.newPlain(step.output).offset),
      });
    return undefined;
  }
  segment.add({
    ...copied,
    observe: scatterCalls(y, blocking, weights.channels, at.observed(step.activated)),
  });
  return (gradients) => backward(step, x, blocking, at, gradients);
};

const copied: Work = { parts: 1, calls: () => [] };

/** Copies the features of a block to rows, one per image. */
function scatterCalls(
  y: BlockBuffer,
  blocking: Blocking,
  features: number,
  rows: number,
): (block: number) => Call[] {
  const row = 4 * features;
  return (block) => [
    {
      kernel: 'copyStrided',
      source: y.offset + block * y.stride,
      target: rows + block * blocking.blockImages * row,
      planes: 1,
      rows: imagesOf(blocking, block),
      columns: features,
      sourcePlane: 0,
      sourceRow: 4,
      sourceColumn: blocking.feature,
      targetPlane: 0,
      targetRow: row,
      targetColumn: 4,
    },
  ];
}

/**
 * @param weights weights, packed for the features of x
 * @param bias address of the biases
 * @param floor address of the lowest output
 */
function fullyConnectedWork(
  weights: Weights,
  x: BlockBuffer,
  y: BlockBuffer,
  blocking: Blocking,
  bias: number,
  floor: number,
  segment: Segment,
): Work {
  const { channels, block: unit } = weights;
  const parts = Math.min(segment.parts, Math.ceil(channels / unit));
  return {
    parts,
    calls: (block, part): Call[] => {
      const range = share(channels, parts, part, unit);
      const filled = imagesOf(blocking, block);
      const [from, to] = [x.offset + block * x.stride, y.offset + block * y.stride];
      if (filled <= blocking.narrow) {
        const few = { columns: filled, yPlane: blocking.feature, shift: x.shift };
        return weights.narrow!(from, to, few, bias, floor, range);
      }
      return weights.correlate(from, to, gridOf(blocking, block), bias, floor, range);
    },
  };
}

function gridOf(blocking: Blocking, block: number): Grid {
  const row = 4 * blocking.columns;
  return { ...filledOf(blocking, block), xRow: row, yRow: row, yPlane: blocking.feature };
}

/** Adds the gradients of weights and biases, and of the input if anything before it is trained. Tasks take ranges of channels. */
function backward(
  step: FullyConnectedStep,
  x: BlockBuffer,
  blocking: Blocking,
  { graph, workspace: { memory } }: Lowering,
  at: Gradients,
): void {
  const { parameters, correlation } = at.trained(step);
  const [inputs, outputs] = parameters.weights.shape as [number, number];
  const dy = at.blocks(step.output, outputs);
  const blocks = [...Array(blocking.blocks).keys()];
  const sums = memory.allocate(correlation.gradientBytes);
  const biasSums = memory.allocate(4 * outputs);
  const scratch = memory.allocate(PARTS * correlation.scratchBytes);
  const weightGradient = (range: ChannelRange, part: number): Call[] =>
    runsOf(blocking).flatMap(({ block, count }) =>
      correlation.gradientCalls(
        x.offset + block * x.stride,
        dy.offset + block * dy.stride,
        gridOf(blocking, block),
        { images: count, xImage: x.stride, dyImage: dy.stride, accumulate: block > 0 },
        sums,
        scratch + part * correlation.scratchBytes,
        range,
      ),
    );
  const biasGradient = ({ first, end }: ChannelRange): Call[] =>
    blocks.map((block) => ({
      kernel: 'sumPlanes',
      source: dy.offset + block * dy.stride + first * blocking.feature,
      sums: biasSums + 4 * first,
      planes: end - first,
      ...filledOf(blocking, block),
      plane: blocking.feature,
      row: 4 * blocking.columns,
      accumulate: Number(block > 0),
    }));
  const weightTasks = () =>
    correlation.tasks((range, part) => [...weightGradient(range, part), ...biasGradient(range)], PARTS);

  const { source } = graph.featureForm(step);
  const input = at.learns(source) ? at.blocks(source, inputs) : undefined;
  const transposed =
    input &&
    new Correlation(memory, at.places(step), {
      ...featureTaps(blocking.feature, [...Array(outputs).keys()], inputs, true),
    });
  const before = graph.producer(source);
  const inputRelu = before?.kind === 'fully_connected' && before.relu;
  const inputGradient =
    (dx: BlockBuffer, pass: Correlation) =>
    (range: ChannelRange): Call[] =>
      blocks.flatMap((block): Call[] => {
        const [from, to] = [dy.offset + block * dy.stride, dx.offset + block * dx.stride];
        const { zeros, noFloor } = at;
        const calls = pass.correlate(from, to, gridOf(blocking, block), zeros, noFloor, range);
        if (!inputRelu) return calls;
        const first = range.first * blocking.feature;
        const count = ((range.end - range.first) * blocking.feature) / 4;
        return [
          ...calls,
          { kernel: 'reluGradient', d: to + first, y: x.offset + block * x.stride + first, count },
        ];
      });
  at.addPhase(() => [
    ...weightTasks(),
    ...(input && transposed ? transposed.tasks(inputGradient(input, transposed), PARTS) : []),
  ]);
  at.addWeights({
    parameters,
    correlations: transposed ? [correlation, transposed] : [correlation],
    gatherTasks: () => [
      ...correlation.tasks((range) => correlation.gatherCalls(sums, 1, parameters.weights.gradient, range)),
      gatherBiases(parameters.biases, biasSums, 1),
    ],
  });
}
