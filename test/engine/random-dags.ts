import fc from 'fast-check';
import type { Layer, Network } from '../../src/model/network.ts';
import { add, concat, conv, dense, lrn, pool } from './networks.ts';

type Shape = readonly [height: number, width: number, channels: number];
interface Tensor {
  readonly name: string;
  readonly shape: Shape;
}

/** Labels are bytes. */
const MOST_CLASSES = 256;
const activation = fc.constantFrom('relu' as const, 'none' as const);
const channels = fc.integer({ min: 1, max: 7 });
const stride = fc.constantFrom(1, 1, 1, 2, 3);
/** Which of the tensors that fit is read. */
const pick = fc.nat({ max: 100 });

const layer = fc.record({
  kind: fc.constantFrom('conv', 'conv', 'pool', 'lrn', 'add', 'add', 'concat'),
  picks: fc.array(pick, { minLength: 2, maxLength: 4 }),
  size: fc.integer({ min: 1, max: 4 }),
  stride,
  channels,
  activation,
});

/** Networks that branch: each layer reads any of the tensors before it, and what is read by none in the end is joined. */
export const randomDags: fc.Arbitrary<Network> = fc
  .record({
    input: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 11 }), channels),
    layers: fc.array(layer, { minLength: 2, maxLength: 8 }),
    hidden: fc.option(fc.record({ outputs: channels, activation }), { nil: undefined }),
    classes: fc.integer({ min: 2, max: 6 }),
    end: fc.constantFrom('fully_connected' as const, 'convolution' as const, 'as it is' as const),
  })
  .map(({ input, layers, hidden, classes, end }): Network => {
    const builder = new DagBuilder(input);
    for (const each of layers) builder.addLayer(each);
    const last = builder.joined();
    const values = last.shape.reduce((product, extent) => product * extent, 1);
    const hasWeights = builder.layers.some(({ kind }) => kind === 'conv2d');
    const canBeLogits = values > 1 && values <= MOST_CLASSES;
    if (end === 'as it is' && hasWeights && canBeLogits && last.name !== 'images')
      return { input, classes: values, layers: builder.layers };
    if (end === 'convolution') {
      const [height, width, depth] = last.shape;
      const stride = Math.max(height, width);
      const logits = conv('logits', [height, width, depth, classes], { stride, activation: 'none' });
      return { input, classes, layers: [...builder.layers, logits] };
    }
    const head = hidden ? [dense('hidden', values, hidden.outputs, { activation: hidden.activation })] : [];
    const logits = dense('logits', hidden?.outputs ?? values, classes, { activation: 'none' });
    return { input, classes, layers: [...builder.layers, ...head, logits] };
  });

class DagBuilder {
  readonly layers: Layer[] = [];
  readonly #tensors: Tensor[];

  constructor(input: Shape) {
    this.#tensors = [{ name: 'images', shape: input }];
  }

  addLayer(drawn: typeof layer extends fc.Arbitrary<infer T> ? T : never): void {
    const chosen = (fits: (tensor: Tensor) => boolean, pick: number) => {
      const tensors = this.#tensors.filter(fits);
      return tensors[pick % tensors.length]!;
    };
    const [first, ...others] = drawn.picks as [number, ...number[]];
    const input = chosen(() => true, first);
    const [height, width, depth] = input.shape;
    const name = `${drawn.kind}${this.layers.length}`;
    const from = [input.name];
    const slid = (extent: number) => Math.ceil(extent / drawn.stride);
    switch (drawn.kind) {
      case 'conv': {
        const { size, stride, activation, channels } = drawn;
        const options = { from, stride, activation };
        this.#push(conv(name, [size, drawn.picks.length, depth, channels], options), [
          slid(height),
          slid(width),
          channels,
        ]);
        return;
      }
      case 'pool':
        this.#push({ ...pool(name, drawn.size, drawn.stride), from }, [slid(height), slid(width), depth]);
        return;
      case 'lrn':
        this.#push({ ...lrn(name, drawn.size), from }, input.shape);
        return;
      case 'add': {
        const same = ({ shape }: Tensor) => shape.every((extent, axis) => extent === input.shape[axis]);
        const names = [input, ...others.map((pick) => chosen(same, pick))].map((tensor) => tensor.name);
        this.#push(add(name, names, drawn.activation), input.shape);
        return;
      }
      case 'concat': {
        const fits = ({ shape }: Tensor) => shape[0] === height && shape[1] === width;
        const inputs = [input, ...others.map((pick) => chosen(fits, pick))];
        const depths = inputs.reduce((sum, { shape }) => sum + shape[2], 0);
        this.#push(
          concat(
            name,
            inputs.map((tensor) => tensor.name),
          ),
          [height, width, depths],
        );
      }
    }
  }

  /** One tensor of all that no layer reads, pooled to one pixel each if they are several. */
  joined(): Tensor {
    const read = new Set(this.layers.flatMap(({ from = [] }) => from));
    const unread = this.#tensors.slice(1).filter(({ name }) => !read.has(name));
    if (unread.length === 1) return unread[0]!;
    const pixels = unread.map(({ name, shape: [height, width, depth] }): Tensor => {
      const stride = Math.max(height, width);
      return this.#push({ ...pool(`${name}.pixel`, stride, stride), from: [name] }, [1, 1, depth]);
    });
    const depths = pixels.reduce((sum, { shape }) => sum + shape[2], 0);
    return this.#push(
      concat(
        'joined',
        pixels.map(({ name }) => name),
      ),
      [1, 1, depths],
    );
  }

  #push(layer: Layer, shape: Shape): Tensor {
    const tensor = { name: layer.name, shape };
    this.layers.push(layer);
    this.#tensors.push(tensor);
    return tensor;
  }
}
