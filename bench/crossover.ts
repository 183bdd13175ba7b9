/*
 * Measures, for each layer of the CIFAR-10 network, from which sparsity on the kernels that list surviving weights are faster than the
 * dense ones: the constants in the files crossover.ts of src/engine/simd/kernels/. Run it on an idle machine with `npx tsx
 * bench/crossover.ts SET`, where SET is wasm, native-avx512, native-avx2 or native-neon.
 */

import { networkPlan } from '../src/engine/network-plan.ts';
import { trainingBlocking } from '../src/engine/simd/compile/feature-blocks.ts';
import { PlacedGraph } from '../src/engine/simd/compile/placed-graph.ts';
import type { WeightedStep } from '../src/engine/simd/compile/steps.ts';
import { kernelSetNamed } from '../src/engine/simd/kernels/kernel-sets.ts';
import { SharedMemory } from '../src/engine/simd/memory.ts';
import { planes } from '../src/engine/simd/planes.ts';
import type { Phase, Program } from '../src/engine/simd/program.ts';
import type { Grid } from '../src/engine/simd/taps.ts';
import { Team } from '../src/engine/simd/team.ts';
import { placeParameters } from '../src/engine/simd/train/parameters.ts';
import { SLOTS } from '../src/engine/simd/train/slices.ts';
import { TrainedWeights } from '../src/engine/simd/train/trained-weights.ts';
import { initialValues } from '../src/model/variables.ts';
import { randomStream } from '../src/random.ts';
import { CIFAR10 } from '../src/tasks/cifar10.ts';

const BATCH = 128;
const SPARSITIES = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 0.9, 0.95];
const REPEATS = 15;

const kernels = kernelSetNamed(process.argv[2] ?? 'wasm').compile(true);
const memory = new SharedMemory(kernels.kernels);
const parameters = placeParameters(memory, CIFAR10.network);
const { plan } = networkPlan(CIFAR10.network);
const trained = new TrainedWeights(memory, plan, parameters);
const graph = new PlacedGraph(memory, plan, trained);
const team = new Team(kernels, memory.memory, 1);
const values = initialValues(CIFAR10.network, 1);
for (const { weights } of parameters)
  memory.floats(weights.values, weights.size).set(values.get(weights.name)!);

interface Operands {
  /** Images, or blocks of them. */
  readonly count: number;
  readonly xBytes: number;
  readonly yBytes: number;
  readonly grid: Grid;
}

function operandsOf(step: WeightedStep): Operands {
  const { weights } = trained.of(step).parameters;
  const [inputs, outputs] = weights.shape.slice(-2) as [number, number];
  if (step.kind === 'convolution') {
    const { window, padded } = graph.convolution(step);
    const { row, plane, bytes } = planes(memory.kernels, outputs, window.rows, window.columns);
    const grid = { rows: window.rows, columns: window.columns, xRow: padded.row, yRow: row, yPlane: plane };
    return { count: SLOTS, xBytes: padded.bytes, yBytes: bytes, grid };
  }
  const { blocks, feature, blockImages, columns } = trainingBlocking(memory.kernels, BATCH);
  const row = 4 * columns;
  const grid = { rows: blockImages / columns, columns, xRow: row, yRow: row, yPlane: feature };
  return { count: blocks, xBytes: inputs * feature, yBytes: outputs * feature, grid };
}

/** The passes of a layer: the forward one, whose outputs are computed as the backward one's are, and the weight gradient. */
function passes(step: WeightedStep): () => { outputs: Phase; gradient: Phase } {
  const { correlation } = trained.of(step);
  const { count, xBytes, yBytes, grid } = operandsOf(step);
  const [x, y] = [memory.allocate(count * xBytes), memory.allocate(count * yBytes)];
  const sums = memory.allocate(correlation.gradientBytes);
  const scratch = memory.allocate(correlation.scratchBytes);
  const { bias, floor } = graph.activation(step);
  const images = { images: count, xImage: xBytes, dyImage: yBytes, accumulate: false };
  return () => ({
    outputs: Array.from({ length: count }, (_, image) =>
      correlation.correlate(x + image * xBytes, y + image * yBytes, grid, bias, floor),
    ),
    gradient: [correlation.gradientCalls(x, y, grid, images, sums, scratch)],
  });
}

async function microseconds(program: Program): Promise<number> {
  const loaded = team.load(program);
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    await team.run(loaded);
    times.push(1000 * (performance.now() - start));
  }
  return Math.min(...times);
}

for (const step of graph.steps) {
  if (step.kind !== 'convolution' && step.kind !== 'fully_connected') continue;
  const { parameters: own, correlation } = trained.of(step);
  const makePasses = passes(step);
  console.log(
    `\n${own.layer.name}\nsparsity   outputs: dense, sparse, ratio   weight gradient: dense, sparse, ratio`,
  );
  for (const sparsity of SPARSITIES) {
    const stream = randomStream(1, own.layer.name);
    const { mask, weights } = own;
    const survives = memory.floats(mask, weights.size);
    for (let i = 0; i < weights.size; i++) survives[i] = Number(stream.uniform(0, 1) >= sparsity);
    const times: { outputs: number; gradient: number }[] = [];
    for (const dense of [true, false]) {
      correlation.mode = { denseOutputs: dense, denseGradient: dense };
      await team.run(team.load([correlation.tasks((range) => correlation.listCalls(range))]));
      await team.run(team.load([correlation.tasks((range) => correlation.packCalls(range))]));
      const { outputs, gradient } = makePasses();
      times.push({ outputs: await microseconds([outputs]), gradient: await microseconds([gradient]) });
    }
    const [dense, sparse] = times as [(typeof times)[0], (typeof times)[0]];
    const row = (what: 'outputs' | 'gradient') => [
      dense[what].toFixed(0),
      sparse[what].toFixed(0),
      (sparse[what] / dense[what]).toFixed(2),
    ];
    console.log(
      [sparsity.toFixed(2), ...row('outputs'), ...row('gradient')].map((cell) => cell.padStart(9)).join(' '),
    );
  }
}
await team.dispose();
