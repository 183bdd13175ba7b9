import { describe, expect, it } from 'vitest';
import { WASM_KERNELS } from '../../src/engine/simd/kernels/wasm/kernels.ts';
import { SimdEngine, type SimdEngineOptions } from '../../src/engine/simd/simd-engine.ts';
import { SimdExecutor } from '../../src/engine/simd/simd-executor.ts';
import type { Network } from '../../src/model/network.ts';
import { expectClose } from '../engine/expect-close.ts';
import { NETWORKS, randomStep } from '../engine/networks.ts';
import { PlanBuilder } from '../engine/simd/plans.ts';
import { REFERENCE_MODULE } from './reference-set.ts';
import { MODULES } from './sets.ts';

/** Besides the references, the sets of native code that this machine can execute. */
const OTHERS = [REFERENCE_MODULE, ...MODULES.filter(({ kernels }) => kernels !== WASM_KERNELS)];

/** Nothing of WebAssembly's tiles and lanes is outside its set of kernels: programs for another set compute the same. */
const TOLERANCE = 1e-4;

const DENSE = { denseOutputs: true, denseGradient: true };
const SPARSE = { denseOutputs: false, denseGradient: false };

async function train(network: Network, batch: number, options: SimdEngineOptions) {
  const { variables, masks, images, labels } = randomStep(network, batch, 1);
  const engine = new SimdEngine(network, { threads: 1, ...options });
  engine.setVariables(variables);
  engine.setMasks(masks);
  const step = { learningRate: 0.1, averageDecay: 0.9, observe: true };
  const { totalLoss, accuracy, observed } = await engine.trainStep(images, labels, step);
  const trained = await engine.readVariables([...variables.keys()]);
  const logits = await engine.forward(images);
  await engine.dispose();
  return {
    totalLoss,
    accuracy,
    logits,
    values: [...observed!.gradients, ...observed!.activations, ...trained],
  };
}

describe.each(OTHERS)('programs for kernels of other tiles, lanes and layouts: $target, $build', (module) => {
  // Less than a row of a block, and more than a block.
  const cases = Object.entries(NETWORKS).flatMap(([name, network]) =>
    [5, 50].flatMap((batch) => [DENSE, SPARSE].map((kernels) => ({ name, network, batch, kernels }))),
  );

  it.each(cases)('train $name, $batch images, $kernels', async ({ network, batch, kernels }) => {
    const expected = await train(network, batch, { kernels });
    const actual = await train(network, batch, { kernels, module });
    expectClose([actual.totalLoss], [expected.totalLoss], TOLERANCE);
    expect(actual.accuracy).toBeCloseTo(expected.accuracy, 6);
    expectClose(actual.logits, expected.logits, TOLERANCE);
    expected.values.forEach(([name, values], number) => {
      expect(actual.values[number]![0]).toBe(name);
      expectClose(actual.values[number]![1], values, TOLERANCE);
    });
  });

  it.each([DENSE, SPARSE])('compute frozen graphs, %o', async (kernels) => {
    const builder = new PlanBuilder();
    const constant = (...shape: number[]) =>
      builder.constant(
        shape,
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
          i % 3 === 0 ? 0 : Math.sin(i + shape.length),
        ),
      );
    const activate = (x: number, biases: number) => builder.relu(builder.add(x, constant(biases)));
    let x = builder.images(7, 9, 2);
    x = builder.pool(activate(builder.conv(x, constant(3, 3, 2, 7)), 7), [3, 3], { strides: [2, 2] });
    x = activate(builder.conv(builder.lrn(x, 2), constant(2, 3, 7, 5), { strides: [1, 2] }), 5);
    x = builder.flatten(builder.pool(x, [2, 2]));
    x = activate(builder.matMul(x, constant(builder.shape(x)[1]!, 11)), 11);
    x = builder.softmax(builder.add(builder.matMul(x, constant(11, 4)), constant(4)));
    const plan = builder.plan(x);
    for (const batch of [1, 2, 3, 9, 25, 50]) {
      const images = Float32Array.from({ length: batch * 7 * 9 * 2 }, (_, i) => Math.cos(i));
      const [wasm, other] = [{ kernels }, { kernels, module }].map(
        (options) => new SimdExecutor(plan, { threads: 1, ...options }),
      );
      const expected = await wasm!.run(images, batch);
      expectClose(await other!.run(images, batch), expected, TOLERANCE);
      await Promise.all([wasm!.dispose(), other!.dispose()]);
    }
  });
});
