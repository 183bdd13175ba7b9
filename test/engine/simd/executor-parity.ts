import fc from 'fast-check';
import type { GraphPlan } from '../../../src/engine/graph-plan.ts';
import { SimdExecutor } from '../../../src/engine/simd/simd-executor.ts';
import { loadBackend } from '../../../src/engine/tfjs/backends.ts';
import { TfjsExecutor } from '../../../src/engine/tfjs/tfjs-executor.ts';
import { randomStream } from '../../../src/random.ts';
import { elementCount } from '../../../src/wire/tensor.ts';
import { expectClose } from '../expect-close.ts';
import { PlanBuilder } from './plans.ts';

const size = fc.integer({ min: 1, max: 5 });
const stride = fc.integer({ min: 1, max: 3 });
const channels = fc.integer({ min: 1, max: 9 });
const padding = fc.constantFrom('SAME' as const, 'VALID' as const);
const pair = (each: fc.Arbitrary<number>) => fc.tuple(each, each);
const kind = <K extends string>(name: K) => fc.constant(name);

const layer = fc.oneof(
  fc.record({
    kind: kind('conv'),
    kernel: pair(size),
    channels,
    strides: pair(stride),
    dilations: fc.option(pair(fc.integer({ min: 1, max: 2 })), { nil: undefined }),
    padding,
    bias: fc.constantFrom('none', 'vector', 'broadcast'),
    relu: fc.boolean(),
  }),
  fc.record({ kind: kind('pool'), window: pair(size), strides: pair(stride), padding }),
  fc.record({
    kind: kind('lrn'),
    depthRadius: fc.integer({ min: 0, max: 5 }),
    beta: fc.constantFrom(0.75, 0.5, 1, 0.6),
  }),
  fc.record({ kind: kind('relu') }),
  fc.record({ kind: kind('scale'), axes: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: kind('branch'), join: fc.constantFrom('add', 'multiply', 'channels', 'rows') }),
);
type Layer = typeof layer extends fc.Arbitrary<infer T> ? T : never;

const dense = fc.record({
  outputs: channels,
  transposed: fc.boolean(),
  bias: fc.boolean(),
  relu: fc.boolean(),
});

const cases = fc.record({
  input: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 30 }), channels),
  layers: fc.array(layer, { maxLength: 5 }),
  hidden: fc.array(dense, { maxLength: 3 }),
  softmax: fc.boolean(),
  batches: fc.array(fc.oneof(fc.constantFrom(1, 3, 128), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    maxLength: 3,
  }),
  sparsity: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
  threads: fc.constantFrom(1, 2),
  relaxed: fc.boolean(),
  seed: fc.nat(),
});

/** Expects the SIMD executor to compute what TensorFlow.js does, whatever the graph and the number of images. */
export async function expectParity(networks: number, seed: number): Promise<void> {
  const backend = await loadBackend('cpu');
  const property = fc.asyncProperty(cases, async ({ threads, relaxed, batches, seed, ...shape }) => {
    const plan = planOf({ ...shape, seed });
    const ours = new SimdExecutor(plan, { threads, relaxed });
    const reference = new TfjsExecutor(plan, backend);
    for (const batch of batches) {
      const stream = randomStream(seed, `images ${batch}`);
      const length = batch * elementCount(shape.input);
      const images = Float32Array.from({ length }, () => stream.normal());
      expectClose(await ours.run(images, batch), await reference.run(images, batch), 1e-4);
    }
    await ours.dispose();
    await reference.dispose();
  });
  await fc.assert(property, { seed, numRuns: networks });
}

type Shape = Pick<
  typeof cases extends fc.Arbitrary<infer T> ? T : never,
  'input' | 'layers' | 'hidden' | 'softmax' | 'sparsity' | 'seed'
>;

function planOf({ input, layers, hidden, softmax, sparsity, seed }: Shape): GraphPlan {
  const builder = new PlanBuilder();
  const stream = randomStream(seed, 'constants');
  const random = (shape: readonly number[], zeros = 0) =>
    builder.constant(
      shape,
      Array.from({ length: elementCount(shape) }, () =>
        stream.uniform(0, 1) < zeros ? 0 : stream.normal() / 2,
      ),
    );
  let x = builder.images(...input);
  for (const each of layers) x = addLayer(builder, x, each, (shape, zeros) => random(shape, zeros), sparsity);
  if (hidden.length > 0) x = builder.flatten(x);
  for (const { outputs, transposed, bias, relu } of hidden) {
    const inputs = builder.shape(x)[1]!;
    const weights = random(transposed ? [outputs, inputs] : [inputs, outputs], sparsity);
    x = builder.matMul(x, weights, { transposeB: transposed });
    if (bias) x = builder.add(random([outputs]), x);
    if (relu) x = builder.relu(x);
  }
  if (softmax) builder.softmax(x);
  return builder.plan();
}

function addLayer(
  builder: PlanBuilder,
  x: number,
  layer: Layer,
  random: (shape: readonly number[], zeros?: number) => number,
  sparsity: number,
): number {
  const [, height = 1, width = 1, depth = 1] = builder.shape(x);
  switch (layer.kind) {
    case 'conv': {
      const { channels, bias, relu, kernel } = layer;
      // TensorFlow has no strides and dilations at once.
      const dilations = layer.dilations ?? ([1, 1] as const);
      const strides = Math.max(...dilations) > 1 ? ([1, 1] as const) : layer.strides;
      const reach = kernel.map((extent, axis) => (extent - 1) * dilations[axis]! + 1);
      const fits = reach[0]! <= height && reach[1]! <= width;
      const weights = random([...kernel, depth, channels], sparsity);
      let y = builder.conv(x, weights, { strides, dilations, padding: fits ? layer.padding : 'SAME' });
      if (bias !== 'none') y = builder.add(y, random(bias === 'vector' ? [channels] : [1, 1, 1, channels]));
      return relu ? builder.relu(y) : y;
    }
    case 'pool': {
      const { window, strides } = layer;
      const fits = window[0] <= height && window[1] <= width;
      return builder.pool(x, window, { strides, padding: fits ? layer.padding : 'SAME' });
    }
    case 'lrn':
      return builder.lrn(x, layer.depthRadius, { beta: layer.beta });
    case 'relu':
      return builder.relu(x);
    case 'scale': {
      const shape = [1, height, width, depth].map((extent, axis) => (axis === layer.axes ? extent : 1));
      return builder.multiply(x, random(shape));
    }
    case 'branch': {
      const weights = random([1, 1, depth, depth], sparsity);
      const other = builder.conv(x, weights);
      if (layer.join === 'channels') return builder.concat(3, other, x);
      if (layer.join === 'rows') return builder.concat(1, x, x, other);
      return layer.join === 'multiply' ? builder.multiply(other, x) : builder.add(x, other);
    }
  }
}
