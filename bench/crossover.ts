/*
 * Measures, for each layer of the CIFAR-10 network, from which sparsity on the kernels that list surviving weights are faster than the
 * dense ones: the constants of src/engine/simd/kernels/wasm/crossover.ts. Run it on an idle machine with `npx tsx bench/crossover.ts`.
 */
import { SLOTS } from '../src/engine/simd/buffers.ts';
import type { ConvLayer } from '../src/engine/simd/conv-layer.ts';
import { FullyConnected } from '../src/engine/simd/fully-connected-layer.ts';
import { compileKernels } from '../src/engine/simd/kernels/kernel-sets.ts';
import { SharedMemory } from '../src/engine/simd/memory.ts';
import { placeParameters } from '../src/engine/simd/parameters.ts';
import { Plan } from '../src/engine/simd/plan.ts';
import type { Phase, Program } from '../src/engine/simd/program.ts';
import { listingProgram, packingPhase } from '../src/engine/simd/programs.ts';
import { Team } from '../src/engine/simd/team.ts';
import { initialValues } from '../src/model/variables.ts';
import { randomStream } from '../src/random.ts';
import { CIFAR10 } from '../src/tasks/cifar10.ts';

const BATCH = 128;
const SPARSITIES = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 0.9, 0.95];
const REPEATS = 15;

const kernels = compileKernels(true);
const memory = new SharedMemory(kernels.kernels);
const parameters = placeParameters(memory, CIFAR10.network);
const plan = new Plan(memory, CIFAR10.network, parameters, BATCH);
const team = new Team(kernels, memory.memory, 1);
const values = initialValues(CIFAR10.network, 1);
for (const { weights } of parameters)
  memory.floats(weights.values, weights.size).set(values.get(weights.name)!);

/** The passes of a layer: those whose outputs are computed, and the weight gradient. */
function passes(layer: ConvLayer | FullyConnected): { outputs: Phase; gradient: Phase } {
  if (layer instanceof FullyConnected) {
    const [gradient, both] = [layer.backward(BATCH, false, false), layer.backward(BATCH, true, false)];
    return { outputs: [...layer.forward(BATCH), ...both.slice(gradient.length)], gradient };
  }
  const images = Array.from({ length: SLOTS }, (_, image) => ({ image, slice: 0, slot: image }));
  return {
    outputs: images.map((at) => [...layer.forward(at), ...layer.backward(at)]),
    gradient: [layer.sumGradients(images[0]!, SLOTS, false)],
  };
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

for (const layer of plan.weightedLayers as (ConvLayer | FullyConnected)[]) {
  console.log(
    `\n${layer.name}\nsparsity   outputs: dense, sparse, ratio   weight gradient: dense, sparse, ratio`,
  );
  for (const sparsity of SPARSITIES) {
    const stream = randomStream(1, layer.name);
    const { mask, weights } = layer.parameters;
    const survives = memory.floats(mask, weights.size);
    for (let i = 0; i < weights.size; i++) survives[i] = Number(stream.uniform(0, 1) >= sparsity);
    const times: { outputs: number; gradient: number }[] = [];
    for (const dense of [true, false]) {
      for (const correlation of layer.correlations)
        correlation.mode = { denseOutputs: dense, denseGradient: dense };
      await team.run(team.load(listingProgram(plan)));
      await team.run(team.load([packingPhase(plan)]));
      const { outputs, gradient } = passes(layer);
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
