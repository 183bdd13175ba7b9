import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KernelModule } from '../../../src/engine/simd/kernels/kernel-set.ts';
import { SimdEngine } from '../../../src/engine/simd/simd-engine.ts';
import type { Network } from '../../../src/model/network.ts';
import { initialValues } from '../../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../../src/tasks/cifar10.ts';
import { MODULES } from '../../kernels/sets.ts';
import { DAGS, NETWORKS, randomStep } from '../networks.ts';

const [WASM, ...OTHERS] = MODULES as [KernelModule, ...KernelModule[]];

const STEP = { learningRate: 0.1, averageDecay: 0.9, observe: true };

/** A digest of everything that six steps give; masks change after the third. */
async function train(
  network: Network,
  threads: number,
  {
    batch = 21,
    resumeAt = -1,
    module = WASM,
  }: { batch?: number; resumeAt?: number; module?: KernelModule } = {},
) {
  const { masks, images, labels } = randomStep(network, batch, 1);
  let values = initialValues(network, 3);
  let engine = new SimdEngine(network, { threads, module });
  engine.setVariables(values);
  const digest = createHash('sha256');
  for (let step = 0; step < 6; step++) {
    if (step === resumeAt) {
      await engine.dispose();
      engine = new SimdEngine(network, { threads, module });
      engine.setVariables(values);
    }
    if (step === 3) engine.setMasks(masks);
    const { observed, weightLosses, ...losses } = await engine.trainStep(images, labels, STEP);
    values = await engine.readVariables([...values.keys()]);
    digest.update(JSON.stringify([losses, ...weightLosses]));
    for (const arrays of [observed!.gradients, observed!.activations, values])
      for (const array of arrays.values()) digest.update(array);
  }
  digest.update(await engine.forward(images));
  await engine.dispose();
  return digest.digest('hex');
}

describe('the simd engine', () => {
  it.each([
    { what: 'a small network', network: NETWORKS['all kinds of layers']!, batch: 21, threads: [2, 3] },
    {
      what: 'a batch of fewer images than slices',
      network: NETWORKS['all kinds of layers']!,
      batch: 3,
      threads: [3],
    },
    ...Object.entries(DAGS).map(([what, network]) => ({ what, network, batch: 21, threads: [2, 3] })),
    { what: 'the CIFAR-10 network', network: CIFAR10_NETWORK, batch: 2, threads: [3] },
  ])('gives the same bits on one thread and more: $what', async ({ network, batch, threads }) => {
    const alone = await train(network, 1, { batch });
    for (const count of threads) expect(await train(network, count, { batch })).toBe(alone);
  });

  it.each(OTHERS)('gives the same bits on one thread and more, with $target, $build', async (module) => {
    for (const network of [NETWORKS['all kinds of layers']!, ...Object.values(DAGS)]) {
      const alone = await train(network, 1, { module });
      expect(await train(network, 3, { module })).toBe(alone);
    }
  });

  it.each([
    'all kinds of layers',
    'a residual block that pools, with a projection beside it',
    'concatenated branches',
  ])('gives the same bits when it is stopped and resumed: %s', async (what) => {
    const network = { ...NETWORKS, ...DAGS }[what]!;
    const through = await train(network, 1);
    expect(await train(network, 1, { resumeAt: 3 })).toBe(through);
    expect(await train(network, 2, { resumeAt: 2 })).toBe(through);
  });
});
