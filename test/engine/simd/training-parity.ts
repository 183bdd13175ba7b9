import fc from 'fast-check';
import { SimdEngine } from '../../../src/engine/simd/simd-engine.ts';
import { loadBackend } from '../../../src/engine/tfjs/backends.ts';
import { TfjsEngine } from '../../../src/engine/tfjs/tfjs-engine.ts';
import type { Network } from '../../../src/model/network.ts';
import { randomStream } from '../../../src/random.ts';
import { expectClose } from '../expect-close.ts';
import { randomStep } from '../networks.ts';

const cases = {
  batch: fc.oneof(fc.constantFrom(1, 3, 26, 128), fc.integer({ min: 1, max: 40 })),
  sparsity: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
  kernels: fc.option(fc.record({ denseOutputs: fc.boolean(), denseGradient: fc.boolean() }), {
    nil: undefined,
  }),
  relaxed: fc.boolean(),
  threads: fc.constantFrom(1, 2),
  seed: fc.nat(),
};

/** Below such a cross-entropy all labels are as good as certain, and gradients are what rounding leaves of 1 - 1. */
const SATURATED = 1e-4;

/** Expects engine simd to train networks as TensorFlow.js' plain kernels do, whatever the batch and the masks. @param runs how many */
export async function expectTrainingParity(
  networks: fc.Arbitrary<Network>,
  runs: number,
  seed: number,
): Promise<void> {
  const backend = await loadBackend('cpu');
  const property = fc.asyncProperty(
    fc.record({ network: networks, ...cases }),
    async ({ network, batch, sparsity, kernels, seed, ...options }) => {
      const { variables, masks, images, labels } = randomStep(network, batch, seed);
      const stream = randomStream(seed, 'sparsity');
      for (const mask of masks.values())
        for (let i = 0; i < mask.length; i++) mask[i] = Number(stream.uniform(0, 1) >= sparsity);
      const simd = new SimdEngine(network, { ...options, ...(kernels ? { kernels } : {}) });
      const results = [];
      for (const engine of [simd, new TfjsEngine(network, backend)]) {
        engine.setVariables(variables);
        engine.setMasks(masks);
        const logits = await engine.forward(images);
        const step = { learningRate: 0.1, averageDecay: 0.9, observe: true };
        const { observed, ...losses } = await engine.trainStep(images, labels, step);
        const values = await engine.readVariables([...variables.keys()]);
        await engine.dispose();
        results.push({ logits, values, ...losses, ...observed! });
      }
      const [ours, expected] = results as [(typeof results)[0], (typeof results)[0]];
      expectClose([ours.totalLoss, ours.crossEntropy], [expected.totalLoss, expected.crossEntropy], 1e-4);
      expectClose(ours.logits, expected.logits, 1e-4);
      for (const [name, value] of expected.activations) expectClose(ours.activations.get(name)!, value, 1e-4);
      for (const what of expected.crossEntropy > SATURATED ? (['gradients', 'values'] as const) : [])
        for (const [name, value] of expected[what]) expectClose(ours[what].get(name)!, value, 1e-4);
    },
  );
  await fc.assert(property, { seed, numRuns: runs });
}
