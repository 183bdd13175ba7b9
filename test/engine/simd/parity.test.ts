import fc from 'fast-check';
import { describe, it } from 'vitest';
import { SimdEngine } from '../../../src/engine/simd/simd-engine.ts';
import { loadBackend } from '../../../src/engine/tfjs/backends.ts';
import { TfjsEngine } from '../../../src/engine/tfjs/tfjs-engine.ts';
import type { Layer, Network } from '../../../src/model/network.ts';
import { randomStream } from '../../../src/random.ts';
import { expectClose } from '../expect-close.ts';
import { conv, dense, lrn, pool, randomStep } from '../networks.ts';

const extent = fc.integer({ min: 1, max: 7 });
const size = fc.integer({ min: 1, max: 5 });
const stride = fc.integer({ min: 1, max: 3 });
const channels = fc.integer({ min: 1, max: 9 });
const activation = fc.constantFrom('relu' as const, 'none' as const);
const weightDecay = fc.constantFrom(0, 0.1);

const imageLayer = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('conv' as const),
      height: size,
      width: size,
      channels,
      stride,
      activation,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pool' as const), size, stride }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('lrn' as const), depthRadius: fc.integer({ min: 0, max: 5 }) }),
  },
);
const networks = fc
  .record({
    input: fc.tuple(extent, fc.integer({ min: 1, max: 30 }), channels),
    images: fc.array(imageLayer, { maxLength: 4 }),
    hidden: fc.array(fc.record({ outputs: channels, activation, weightDecay }), { maxLength: 2 }),
    classes: fc.integer({ min: 2, max: 7 }),
  })
  .map(({ input, images, hidden, classes }): Network => {
    const layers: Layer[] = [];
    let [height, width, depth] = input;
    const shrink = (by: number) => {
      height = Math.ceil(height / by);
      width = Math.ceil(width / by);
    };
    images.forEach((layer, number) => {
      const name = `${layer.kind}${number}`;
      if (layer.kind === 'conv') {
        const kernel = [layer.height, layer.width, depth, layer.channels] as const;
        layers.push(conv(name, kernel, { stride: layer.stride, activation: layer.activation }));
        depth = layer.channels;
      }
      if (layer.kind === 'pool') layers.push(pool(name, layer.size, layer.stride));
      if (layer.kind === 'lrn') layers.push(lrn(name, layer.depthRadius));
      if (layer.kind !== 'lrn') shrink(layer.stride);
    });
    let inputs = height * width * depth;
    hidden.forEach(({ outputs, ...options }, number) => {
      layers.push(dense(`hidden${number}`, inputs, outputs, options));
      inputs = outputs;
    });
    layers.push(dense('logits', inputs, classes, { activation: 'none' }));
    return { input, classes, layers };
  });

const cases = fc.record({
  network: networks,
  batch: fc.oneof(fc.constantFrom(1, 3, 128), fc.integer({ min: 1, max: 40 })),
  sparsity: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
  kernels: fc.option(fc.record({ denseOutputs: fc.boolean(), denseGradient: fc.boolean() }), {
    nil: undefined,
  }),
  relaxed: fc.boolean(),
  seed: fc.nat(),
});

describe('the simd engine', () => {
  it('trains as the tfjs engine does, whatever the network, the batch and the masks', async () => {
    const backend = await loadBackend('wasm');
    const property = fc.asyncProperty(cases, async ({ network, batch, sparsity, kernels, relaxed, seed }) => {
      const { variables, masks, images, labels } = randomStep(network, batch, seed);
      const stream = randomStream(seed, 'sparsity');
      for (const mask of masks.values())
        for (let i = 0; i < mask.length; i++) mask[i] = Number(stream.uniform(0, 1) >= sparsity);
      const simd = new SimdEngine(network, { threads: 1, relaxed, ...(kernels ? { kernels } : {}) });
      const results = [];
      for (const engine of [simd, new TfjsEngine(network, backend)]) {
        engine.setVariables(variables);
        engine.setMasks(masks);
        const logits = await engine.forward(images);
        const options = { learningRate: 0.1, averageDecay: 0.9, observe: true };
        const { observed, ...losses } = await engine.trainStep(images, labels, options);
        const values = await engine.readVariables([...variables.keys()]);
        await engine.dispose();
        results.push({ logits, values, ...losses, ...observed! });
      }
      const [ours, expected] = results as [(typeof results)[0], (typeof results)[0]];
      expectClose([ours.totalLoss, ours.crossEntropy], [expected.totalLoss, expected.crossEntropy], 1e-4);
      expectClose(ours.logits, expected.logits, 1e-4);
      for (const what of ['activations', 'gradients', 'values'] as const)
        for (const [name, value] of expected[what]) expectClose(ours[what].get(name)!, value, 1e-4);
    });
    await fc.assert(property, { seed: 7, numRuns: 150 });
  });
});
