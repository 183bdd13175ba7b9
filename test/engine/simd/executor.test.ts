import { afterEach, describe, expect, it } from 'vitest';
import type { GraphPlan } from '../../../src/engine/graph-plan.ts';
import { SimdExecutor, type SimdExecutorOptions } from '../../../src/engine/simd/simd-executor.ts';
import { Team } from '../../../src/engine/simd/team.ts';
import { randomStream } from '../../../src/random.ts';
import { elementCount } from '../../../src/wire/tensor.ts';
import { PlanBuilder } from './plans.ts';

const executors: SimdExecutor[] = [];
afterEach(() => Promise.all(executors.splice(0).map((executor) => executor.dispose())));

function executorOf(plan: GraphPlan, options: SimdExecutorOptions = {}): SimdExecutor {
  const executor = new SimdExecutor(plan, options);
  executors.push(executor);
  return executor;
}

const normal = (length: number, seed = 1) => {
  const stream = randomStream(seed, 'values');
  return Float32Array.from({ length }, () => stream.normal());
};

/** Two convolutions, one sparse, pooling, normalization and two fully connected layers. */
function network(): GraphPlan {
  const builder = new PlanBuilder();
  const random = (...shape: number[]) => builder.constant(shape, normal(elementCount(shape)));
  const sparse = (...shape: number[]) =>
    builder.constant(
      shape,
      normal(elementCount(shape)).map((value) => (Math.abs(value) > 1.5 ? value : 0)),
    );
  let x = builder.images(11, 13, 3);
  x = builder.relu(builder.add(builder.conv(x, random(5, 5, 3, 7)), random(7)));
  x = builder.lrn(builder.pool(x, [3, 3], { strides: [2, 2] }), 4);
  x = builder.relu(builder.conv(x, sparse(3, 3, 7, 8)));
  x = builder.flatten(builder.pool(x, [2, 2], { strides: [2, 2] }));
  const features = builder.shape(x)[1]!;
  x = builder.relu(builder.add(builder.matMul(x, sparse(features, 9)), random(9)));
  builder.matMul(x, random(9, 4));
  return builder.plan();
}

describe('values computed by hand', () => {
  const runOne = (plan: GraphPlan, ...values: number[]) => executorOf(plan).run(Float32Array.from(values), 1);

  it('softmax: exponentials over their sum, also of numbers too large for exp', async () => {
    const builder = new PlanBuilder();
    builder.softmax(builder.flatten(builder.images(1, 1, 3)));
    const [a, b, c] = await runOne(builder.plan(), Math.log(1), Math.log(2), Math.log(5));
    expect([a, b, c]).toEqual([0.125, 0.25, 0.625].map((value) => expect.closeTo(value, 6)));
    expect([...(await runOne(builder.plan(), 1000, 1000, -1000))]).toEqual([0.5, 0.5, 0]);
  });

  it('LRN: x / (bias + alpha * the sum of squares of its neighbours)^beta', async () => {
    const builder = new PlanBuilder();
    builder.lrn(builder.images(1, 1, 4), 1, { bias: 1, alpha: 2, beta: 0.5 });
    const result = await runOne(builder.plan(), 1, 2, 3, -4);
    // Sums of squares: 1 + 4, 1 + 4 + 9, 4 + 9 + 16, 9 + 16.
    const expected = [1 / Math.sqrt(11), 2 / Math.sqrt(29), 3 / Math.sqrt(59), -4 / Math.sqrt(51)];
    expect([...result]).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });

  it('MatMul of transposed weights', async () => {
    const builder = new PlanBuilder();
    const weights = builder.constant([2, 3], [1, 2, 3, 40, 50, 60]);
    builder.matMul(builder.flatten(builder.images(1, 1, 3)), weights, { transposeB: true });
    expect([...(await runOne(builder.plan(), 1, 10, 100))]).toEqual([321, 6540]);
  });

  it('convolution at the border reads zeros beyond it', async () => {
    const builder = new PlanBuilder();
    const filter = builder.constant([3, 3, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    builder.conv(builder.images(2, 2, 1), filter);
    // Of the image 1 2 / 3 4: each sum lies at a corner.
    expect([...(await runOne(builder.plan(), 1, 2, 3, 4))]).toEqual([
      5 + 12 + 24 + 36,
      4 + 10 + 21 + 32,
      2 + 6 + 15 + 24,
      1 + 4 + 12 + 20,
    ]);
  });
});

it.each([1, 2, 5, 128])('gives the same bits on any number of threads, for %i images', async (batch) => {
  const plan = network();
  const images = normal(batch * 11 * 13 * 3, 2);
  const [one, ...others] = await Promise.all(
    [1, 2, 3].map((threads) => executorOf(plan, { threads }).run(images, batch)),
  );
  expect(one!.some((value) => value !== 0)).toBe(true);
  for (const other of others) expect(Buffer.from(other.buffer)).toEqual(Buffer.from(one!.buffer));
});

it('gives an image the same logits in any batch', async () => {
  const executor = executorOf(network(), { threads: 2 });
  const images = normal(9 * 11 * 13 * 3, 3);
  const together = await executor.run(images, 9);
  const alone = await executor.run(images.subarray(4 * 429, 5 * 429), 1);
  const row = together.subarray(16, 20);
  expect([...alone]).toEqual([...row].map((value) => expect.closeTo(value, 4)));
});

it('takes no more memory however often and with whatever batches it runs', async () => {
  const executor = executorOf(network(), { threads: 2 });
  const batches = [1, 128, 3, 50, 2, 7, 64, 5, 33, 9, 12];
  const images = normal(128 * 429, 4);
  const runAll = async () => {
    for (const batch of batches) await executor.run(images.subarray(0, batch * 429), batch);
  };
  await runAll();
  const before = executor.memoryBytes;
  for (let round = 0; round < 40; round++) await runAll();
  expect(executor.memoryBytes).toBe(before);
});

it.each([1, 2])('gives the same bits again after other numbers of images, on %i threads', async (threads) => {
  const executor = executorOf(network(), { threads });
  const images = normal(128 * 429, 6);
  const batches = [1, 3, 50, 128];
  const runAll = async () => {
    const results: Float32Array[] = [];
    for (const batch of batches) results.push(await executor.run(images.subarray(0, batch * 429), batch));
    return results;
  };
  const first = await runAll();
  expect(await runAll()).toEqual(first);
});

it('reads images again after what it computes of them as they are', async () => {
  const plan = (combine: (builder: PlanBuilder, x: number) => void) => {
    const builder = new PlanBuilder();
    const filter = builder.constant([3, 3, 2, 5], normal(90));
    combine(builder, builder.conv(builder.images(4, 5, 2), filter));
    return builder.plan();
  };
  const twiceAndOnce = plan((builder, x) => {
    const twice = builder.multiply(x, builder.constant([], [2]));
    builder.add(x, twice);
  });
  const thrice = plan((builder, x) => builder.multiply(x, builder.constant([], [3])));
  const images = normal(6 * 40, 7);
  const expected = await executorOf(thrice, { threads: 1 }).run(images, 6);
  expect(await executorOf(twiceAndOnce, { threads: 1 }).run(images, 6)).toEqual(expected);
});

it('ends with an error, not a hang, when a thread dies', async () => {
  const workers: Team['workers'][] = [];
  const load = Team.prototype.load;
  Team.prototype.load = function (...given) {
    workers.push(this.workers);
    return load.apply(this, given);
  };
  try {
    const executor = executorOf(network(), { threads: 2 });
    const images = normal(429, 5);
    await executor.run(images, 1);
    await workers[0]![0]!.terminate();
    await expect(executor.run(images, 1)).rejects.toThrow(/a computing thread failed/);
  } finally {
    Team.prototype.load = load;
  }
});
