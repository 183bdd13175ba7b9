import { describe, expect, it, vi } from 'vitest';
import { SimdEngine, type SimdEngineOptions } from '../../../src/engine/simd/simd-engine.ts';
import { initialValues } from '../../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../../src/tasks/cifar10.ts';
import { describeEngine } from '../engine-contract.ts';
import { expectClose } from '../expect-close.ts';
import { NETWORKS, networkOf, pool, randomStep } from '../networks.ts';
import { referenceForward } from '../reference.ts';

const DENSE = { denseOutputs: true, denseGradient: true };
const SPARSE = { denseOutputs: false, denseGradient: false };
const STEP = { learningRate: 0.1, averageDecay: 0.9 };

const variants: Record<string, SimdEngineOptions> = {
  'simd, dense kernels': { kernels: DENSE },
  'simd, sparse kernels': { kernels: SPARSE },
  'simd without relaxed SIMD': { relaxed: false },
};
for (const [name, options] of Object.entries(variants))
  describeEngine(name, async (network) => new SimdEngine(network, { threads: 1, ...options }));

describe('simd', () => {
  it('says on what it computes', async () => {
    const engine = new SimdEngine(NETWORKS['a convolution']!, { threads: 1 });
    expect(engine.name).toBe('simd');
    expect(engine.description).toBe('simd on WebAssembly (relaxed SIMD, 1 thread)');
    await engine.dispose();
  });

  it.each([0, 1.5, Number.NaN, -1])('refuses %s threads', (threads) => {
    expect(() => new SimdEngine(CIFAR10_NETWORK, { threads })).toThrow(
      /threads is .*expected a whole number/,
    );
  });

  it('computes the logits of the CIFAR-10 network', async () => {
    const variables = initialValues(CIFAR10_NETWORK, 1);
    const { masks, images } = randomStep(CIFAR10_NETWORK, 2, 1);
    const engine = new SimdEngine(CIFAR10_NETWORK, { threads: 1 });
    engine.setVariables(variables);
    engine.setMasks(masks);
    const { logits } = referenceForward(CIFAR10_NETWORK, { variables, masks }, images);
    expectClose(await engine.forward(images), logits, 1e-4);
    await engine.dispose();
  });

  it('computes an image alike whatever it is with', async () => {
    const network = NETWORKS['all kinds of layers']!;
    const { variables, masks, images, labels } = randomStep(network, 300, 1);
    const engine = new SimdEngine(network, { threads: 1 });
    engine.setVariables(variables);
    engine.setMasks(masks);
    const all = await engine.forward(images);
    expect(await engine.forward(new Float32Array())).toEqual(new Float32Array());
    for (const count of [1, 13, 25]) {
      expect(await engine.forward(images.subarray(0, count * 60))).toEqual(all.slice(0, count * 3));
      await engine.trainStep(images.subarray(0, count * 60), labels.subarray(0, count), {
        ...STEP,
        learningRate: 0,
      });
    }
    await engine.dispose();
  });

  it('does not take what an earlier, larger batch has left for images', async () => {
    const network = NETWORKS['all kinds of layers']!;
    const { variables, masks, images, labels } = randomStep(network, 40, 1);
    const small = async (afterLarge: boolean) => {
      const engine = new SimdEngine(network, { threads: 1 });
      engine.setVariables(variables);
      engine.setMasks(masks);
      if (afterLarge) await engine.trainStep(images, labels, STEP);
      engine.setVariables(variables);
      const results = [];
      for (const count of [13, 5, 1])
        results.push(await engine.trainStep(images.subarray(0, count * 60), labels.subarray(0, count), STEP));
      const values = await engine.readVariables([...variables.keys()]);
      await engine.dispose();
      return { results, values };
    };
    expect(await small(true)).toEqual(await small(false));
  });

  it('refuses what needs more memory than there is, and computes on as before', async () => {
    const network = NETWORKS['all kinds of layers']!;
    const { variables, images } = randomStep(network, 4, 1);
    const engine = new SimdEngine(network, { threads: 1 });
    engine.setVariables(variables);
    const before = await engine.forward(images);
    const memory = engine as unknown as { memoryBytes: number };
    expect(memory.memoryBytes).toBeGreaterThan(0);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no memory');
    });
    const many = new Float32Array(60 * 2000);
    const failure = expect(engine.trainStep(many, new Uint8Array(2000), STEP)).rejects;
    await failure.toMatchObject({ code: 'engine', hint: expect.stringContaining('--batch_size') });
    grow.mockRestore();
    expect(await engine.forward(images)).toEqual(before);
    await engine.dispose();
  });

  it('refuses a call while it computes another', async () => {
    const network = NETWORKS['a convolution']!;
    const { variables, images } = randomStep(network, 2, 1);
    const engine = new SimdEngine(network, { threads: 1 });
    engine.setVariables(variables);
    const running = engine.forward(images);
    await expect(engine.forward(images)).rejects.toThrow('the engine is computing already');
    expect((await running).length).toBe(2 * network.classes);
    await engine.dispose();
  });

  it('refuses windows of which a byte cannot tell the row and the column', () => {
    const network = networkOf([20, 20, 1], [pool('wide', 17, 1)], [20, 20, 1]);
    expect(() => new SimdEngine(network, { threads: 1 })).toThrow(
      'max_pool wide has size 17; engine simd takes 16 at most',
    );
  });

  it('uses no more memory after 2,000 steps than after a few', async () => {
    const network = NETWORKS['all kinds of layers']!;
    const { variables, images, labels } = randomStep(network, 4, 1);
    const masks = [1, 2].map((seed) => randomStep(network, 1, seed).masks);
    const engine = new SimdEngine(network, { threads: 1 });
    engine.setVariables(variables);
    const used: number[] = [];
    for (let step = 0; step < 2000; step++) {
      if (step % 10 === 0) engine.setMasks(masks[(step / 10) % 2]!);
      await engine.trainStep(images, labels, { ...STEP, observe: step % 100 === 0 });
      if (step % 100 === 99) await engine.forward(images.subarray(0, 60 * (((step / 100) % 4) | 0)));
      used.push(engine.memoryBytes);
    }
    expect(new Set(used).size).toBe(1);
    await engine.dispose();
  });
});
