import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../../src/engine/tfjs/backends.ts';
import { TfjsEngine } from '../../../src/engine/tfjs/tfjs-engine.ts';
import type { Network } from '../../../src/model/network.ts';
import { initialValues } from '../../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../../src/tasks/cifar10.ts';
import { describeEngine } from '../engine-contract.ts';
import { expectClose } from '../expect-close.ts';
import { conv, dense, lrn, NETWORKS, pool, randomStep } from '../networks.ts';
import { referenceForward } from '../reference.ts';

const open = async (network: Network, backend: 'wasm' | 'cpu') =>
  new TfjsEngine(network, await loadBackend(backend));

for (const backend of ['wasm', 'cpu'] as const)
  describeEngine(`tfjs on ${backend}`, (network) => open(network, backend));

interface Sizes {
  readonly input: [height: number, width: number, channels: number];
  readonly kernels: [number, number, number, number];
  readonly channels: [number, number];
  readonly strides: [number, number, number];
  readonly poolSize: number;
  readonly depthRadius: number;
  readonly activation: 'relu' | 'none';
}

/** Convolution, pooling, normalization, convolution, logits. */
function networkOfSizes(sizes: Sizes): Network {
  const { input, kernels, channels, strides, poolSize, depthRadius, activation } = sizes;
  const shrunk = (extent: number) => strides.reduce((left, stride) => Math.ceil(left / stride), extent);
  return {
    input,
    classes: 3,
    layers: [
      conv('first', [kernels[0], kernels[1], input[2], channels[0]], { stride: strides[0], activation }),
      pool('pool', poolSize, strides[1]),
      lrn('norm', depthRadius),
      conv('second', [kernels[2], kernels[3], ...channels], { stride: strides[2], activation }),
      dense('logits', shrunk(input[0]) * shrunk(input[1]) * channels[1], 3, { activation: 'none' }),
    ],
  };
}

describe('tfjs on wasm', () => {
  const extent = fc.integer({ min: 1, max: 6 });
  const stride = fc.integer({ min: 1, max: 3 });
  const sizes = fc.record({
    input: fc.tuple(extent, extent, fc.integer({ min: 1, max: 3 })),
    kernels: fc.tuple(extent, extent, extent, extent),
    channels: fc.tuple(extent, fc.integer({ min: 1, max: 9 })),
    strides: fc.tuple(stride, stride, stride),
    poolSize: fc.integer({ min: 1, max: 4 }),
    depthRadius: fc.integer({ min: 0, max: 5 }),
    activation: fc.constantFrom('relu' as const, 'none' as const),
    batch: fc.constantFrom(1, 3),
    seed: fc.nat(),
  });

  it('computes what the plain JavaScript backend does, whatever the shapes', async () => {
    const property = fc.asyncProperty(sizes, async ({ batch, seed, ...shapes }) => {
      const network = networkOfSizes(shapes);
      const { variables, masks, images, labels } = randomStep(network, batch, seed);
      const results = [];
      for (const backend of ['wasm', 'cpu'] as const) {
        const engine = await open(network, backend);
        engine.setVariables(variables);
        engine.setMasks(masks);
        const options = { learningRate: 0.1, averageDecay: 0.9, observe: true };
        const { observed, totalLoss } = await engine.trainStep(images, labels, options);
        results.push({ observed: observed!, totalLoss });
        await engine.dispose();
      }
      const [wasm, cpu] = results as [(typeof results)[0], (typeof results)[0]];
      expectClose([wasm.totalLoss], [cpu.totalLoss], 1e-4);
      for (const [name, gradient] of cpu.observed.gradients)
        expectClose(wasm.observed.gradients.get(name)!, gradient, 1e-4);
    });
    await fc.assert(property, { seed: 7, numRuns: 150 });
  });
});

describe('tfjs', () => {
  it('keeps no tensor that a step or a forward pass has made', async () => {
    const network = NETWORKS['all kinds of layers']!;
    const { variables, masks, images, labels } = randomStep(network, 2, 1);
    const before = tf.memory().numTensors;
    const engine = await open(network, 'wasm');
    const round = async () => {
      engine.setVariables(variables);
      engine.setMasks(masks);
      await engine.trainStep(images, labels, { learningRate: 0.1, averageDecay: 0.9, observe: true });
      await engine.trainStep(images, labels, { learningRate: 0.1, averageDecay: 0.9 });
      await engine.forward(images);
      await engine.forward(images);
      return tf.memory().numTensors;
    };
    const once = await round();
    expect(await round()).toBe(once);
    expect(await round()).toBe(once);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('computes the logits of the CIFAR-10 network', async () => {
    const variables = initialValues(CIFAR10_NETWORK, 1);
    const { masks, images } = randomStep(CIFAR10_NETWORK, 2, 1);
    const engine = await open(CIFAR10_NETWORK, 'wasm');
    engine.setVariables(variables);
    engine.setMasks(masks);
    const { logits } = referenceForward(CIFAR10_NETWORK, { variables, masks }, images);
    expectClose(await engine.forward(images), logits, 1e-4);
    await engine.dispose();
  });

  it('computes on its own backend, whichever is in use', async () => {
    const network = NETWORKS['a convolution']!;
    const { variables, images, labels } = randomStep(network, 1, 1);
    const engines = [await open(network, 'wasm'), await open(network, 'cpu')];
    for (const engine of engines) engine.setVariables(variables);
    for (const engine of [...engines, ...engines]) {
      await engine.trainStep(images, labels, { learningRate: 0.1, averageDecay: 0.9 });
      expect(tf.getBackend()).toBe(engine === engines[0] ? 'wasm' : 'cpu');
    }
    const [wasm, cpu] = await Promise.all(engines.map((engine) => engine.readVariables(['conv/weights'])));
    expectClose(wasm!.get('conv/weights')!, cpu!.get('conv/weights')!, 1e-5);
    for (const engine of engines) await engine.dispose();
  });
});
