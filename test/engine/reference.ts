import { biasesName, weightsName } from '../../src/model/names.ts';
import type {
  AddLayer,
  Conv2dLayer,
  FullyConnectedLayer,
  Layer,
  LrnLayer,
  MaxPoolLayer,
  Network,
} from '../../src/model/network.ts';
import { weightedLayers } from '../../src/model/network.ts';

/**
 * The network in plain loops and float64, one image at a time, straight from the definitions: what engines are held to.
 * Variables by name; `masks` by the name of their weights.
 */
export interface ReferenceState {
  readonly variables: ReadonlyMap<string, ArrayLike<number>>;
  readonly masks?: ReadonlyMap<string, ArrayLike<number>>;
}

interface Volume {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly values: number[];
}

/** Logits of all images, [batch, classes], and the outputs of the weighted layers by name, batch first. */
export function referenceForward(network: Network, state: ReferenceState, images: ArrayLike<number>) {
  const size = network.input[0] * network.input[1] * network.input[2];
  const activations = new Map<string, number[]>(weightedLayers(network).map(({ name }) => [name, []]));
  const logits: number[] = [];
  for (let first = 0; first < images.length; first += size) {
    let volume: Volume = { shape: network.input, values: Array.from(images).slice(first, first + size) };
    const volumes = new Map([['images', volume]]);
    for (const layer of network.layers) {
      const inputs = layer.from?.map((name) => volumes.get(name)!) ?? [volume];
      volume = layerOutput(layer, inputs, state);
      volumes.set(layer.name, volume);
      activations.get(layer.name)?.push(...volume.values);
    }
    logits.push(...volume.values);
  }
  return { logits, activations };
}

function layerOutput(layer: Layer, inputs: readonly Volume[], state: ReferenceState): Volume {
  const [input] = inputs as [Volume];
  switch (layer.kind) {
    case 'conv2d':
      return conv2d(layer, state, input);
    case 'max_pool':
      return maxPool(layer, input);
    case 'lrn':
      return lrn(layer, input);
    case 'add':
      return add(layer, inputs);
    case 'concat':
      return concat(inputs);
    case 'fully_connected':
      return fullyConnected(layer, state, input);
  }
}

/** Mean cross-entropy plus the weight losses. */
export function referenceLoss(
  network: Network,
  state: ReferenceState,
  images: ArrayLike<number>,
  labels: Uint8Array,
) {
  const { logits } = referenceForward(network, state, images);
  const { classes } = network;
  let crossEntropy = 0;
  labels.forEach((label, i) => {
    const row = logits.slice(i * classes, (i + 1) * classes);
    crossEntropy += (Math.log(sum(row.map(Math.exp))) - row[label]!) / labels.length;
  });
  const weightLosses = new Map(
    weightedLayers(network).map(({ name, weightDecay }) => {
      const weights = Array.from(state.variables.get(weightsName(name))!);
      return [name, (weightDecay * sum(weights.map((w) => w * w))) / 2];
    }),
  );
  return { totalLoss: crossEntropy + sum([...weightLosses.values()]), crossEntropy, weightLosses };
}

/** d total loss / d variable by central differences. */
export function finiteDifferences(
  network: Network,
  state: ReferenceState,
  images: ArrayLike<number>,
  labels: Uint8Array,
  variable: string,
): number[] {
  const values = state.variables.get(variable)!;
  const lossAt = (index: number, shift: number) => {
    const moved = Float64Array.from(values);
    moved[index]! += shift;
    const variables = new Map([...state.variables, [variable, moved]]);
    return referenceLoss(network, { ...state, variables }, images, labels).totalLoss;
  };
  const h = 1e-6;
  return Array.from(values, (_, index) => (lossAt(index, h) - lossAt(index, -h)) / (2 * h));
}

function conv2d(layer: Conv2dLayer, state: ReferenceState, { shape, values }: Volume): Volume {
  const [, width, inputs] = shape;
  const [rows, columns, , outputs] = layer.kernel;
  const { weights, biases } = parameters(layer.name, state);
  return slide(shape, outputs, [rows, columns], layer.stride, (window, output) => {
    let total = biases[output]!;
    for (const { row, column, i, j } of window) {
      for (let c = 0; c < inputs; c++) {
        const weight = weights[((i * columns + j) * inputs + c) * outputs + output]!;
        total += values[(row * width + column) * inputs + c]! * weight;
      }
    }
    return activate(layer.activation, total);
  });
}

function maxPool({ size, stride }: MaxPoolLayer, { shape, values }: Volume): Volume {
  const [, width, channels] = shape;
  return slide(shape, channels, [size, size], stride, (window, c) =>
    Math.max(...window.map(({ row, column }) => values[(row * width + column) * channels + c]!)),
  );
}

function lrn({ depthRadius, bias, alpha, beta }: LrnLayer, { shape, values }: Volume): Volume {
  const channels = shape[2];
  const normalized = values.map((value, index) => {
    const channel = index % channels;
    const pixel = index - channel;
    const near = values.slice(
      pixel + Math.max(0, channel - depthRadius),
      pixel + Math.min(channels, channel + depthRadius + 1),
    );
    return value / (bias + alpha * sum(near.map((x) => x * x))) ** beta;
  });
  return { shape, values: normalized };
}

function add({ activation }: AddLayer, inputs: readonly Volume[]): Volume {
  const { shape, values } = inputs[0]!;
  return {
    shape,
    values: values.map((_, index) => activate(activation, sum(inputs.map((input) => input.values[index]!)))),
  };
}

function concat(inputs: readonly Volume[]): Volume {
  const [height, width] = inputs[0]!.shape;
  const pixels = Array.from({ length: height * width }, (_, pixel) =>
    inputs.flatMap(({ shape: [, , depth], values }) => values.slice(pixel * depth, (pixel + 1) * depth)),
  );
  return { shape: [height, width, pixels[0]!.length], values: pixels.flat() };
}

function fullyConnected(layer: FullyConnectedLayer, state: ReferenceState, { values }: Volume): Volume {
  const { weights, biases } = parameters(layer.name, state);
  const outputs = Array.from({ length: layer.outputs }, (_, o) =>
    activate(layer.activation, biases[o]! + sum(values.map((x, i) => x * weights[i * layer.outputs + o]!))),
  );
  return { shape: [1, 1, layer.outputs], values: outputs };
}

interface Tap {
  readonly row: number;
  readonly column: number;
  /** Position in the window. */
  readonly i: number;
  readonly j: number;
}

/** Slides a window as TensorFlow's SAME: ceil(extent / stride) positions, the odd padding at the end. */
function slide(
  [height, width]: Volume['shape'],
  channels: number,
  [rows, columns]: readonly [number, number],
  stride: number,
  value: (window: Tap[], channel: number) => number,
): Volume {
  const outHeight = Math.ceil(height / stride);
  const outWidth = Math.ceil(width / stride);
  const before = (extent: number, out: number, window: number) =>
    Math.floor(Math.max(0, (out - 1) * stride + window - extent) / 2);
  const top = before(height, outHeight, rows);
  const left = before(width, outWidth, columns);
  const values: number[] = [];
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const window: Tap[] = [];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const [row, column] = [y * stride + i - top, x * stride + j - left];
          if (row >= 0 && row < height && column >= 0 && column < width) window.push({ row, column, i, j });
        }
      }
      for (let channel = 0; channel < channels; channel++) values.push(value(window, channel));
    }
  }
  return { shape: [outHeight, outWidth, channels], values };
}

function parameters(layer: string, { variables, masks }: ReferenceState) {
  const mask = masks?.get(weightsName(layer));
  return {
    weights: Array.from(variables.get(weightsName(layer))!, (weight, i) => weight * (mask?.[i] ?? 1)),
    biases: variables.get(biasesName(layer))!,
  };
}

function activate(activation: 'relu' | 'none', value: number): number {
  return activation === 'relu' ? Math.max(0, value) : value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
