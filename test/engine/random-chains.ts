import fc from 'fast-check';
import type { Layer, Network } from '../../src/model/network.ts';
import { conv, dense, lrn, pool } from './networks.ts';

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
/** Chains of all kinds of layers. */
export const randomChains = fc
  .record({
    input: fc.tuple(extent, fc.integer({ min: 1, max: 30 }), channels),
    images: fc.array(imageLayer, { maxLength: 4 }),
    hidden: fc.array(fc.record({ outputs: channels, activation, weightDecay }), { maxLength: 2 }),
    classes: fc.integer({ min: 2, max: 7 }),
    last: fc.constantFrom('none' as const, 'none' as const, 'relu' as const),
  })
  .map(({ input, images, hidden, classes, last }): Network => {
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
    layers.push(dense('logits', inputs, classes, { activation: last }));
    return { input, classes, layers };
  });
