import {
  type FullyConnectedLayer,
  type Network,
  outputCount,
  type WeightedLayer,
} from '../../model/network.ts';
import { type Constants, placeConstants } from './constants.ts';
import { FeatureBlocks } from './feature-blocks.ts';
import { FullyConnected } from './fully-connected-layer.ts';
import { ImageStack } from './image-stack.ts';
import { blockImages } from './kernels/kernel-set.ts';
import { roundUp, type SharedMemory } from './memory.ts';
import type { LayerParameters } from './parameters.ts';
import type { Rows } from './rows.ts';
import type { WeightedLayerPlan } from './weighted.ts';

/** Values of a variable that one task updates. */
const CHUNK = 16_384;

/** A part of a variable's values, and where the sum of their squares goes, float64. */
export interface UpdateChunk {
  readonly variable: LayerParameters['weights'];
  readonly first: number;
  readonly count: number;
  readonly squares: number;
}

/** Where everything is that batches of up to `capacity` images need, planned once. */
export class Plan {
  readonly capacity: number;
  readonly parameters: readonly LayerParameters[];
  /** The batch, each image's values in the order [height, width, channels]. */
  readonly images: Rows;
  /** Bytes, one an image. */
  readonly labels: number;
  /** float32: learning rate, 1 - decay of the averages, 1 / batch size. */
  readonly scalars: number;
  /** Sum of cross-entropies, float64, one a block of images. */
  readonly losses: number;
  /** Images whose largest logit is the label, u32, one a block. */
  readonly hits: number;
  /** Outputs of the layers with weights, by name, when they are observed. */
  readonly activations: ReadonlyMap<string, Rows>;
  readonly stack: ImageStack;
  readonly fullyConnected: readonly FullyConnected[];
  /** The stack's features, and what each fully connected layer gives the next. */
  readonly features: FeatureBlocks;
  readonly chunks: readonly UpdateChunk[];

  constructor(
    memory: SharedMemory,
    network: Network,
    parameters: readonly LayerParameters[],
    capacity: number,
  ) {
    const [height, width, channels] = network.input;
    const values = height * width * channels;
    const blocks = Math.ceil(capacity / blockImages(memory.kernels));
    const rows = (count: number): Rows => {
      const step = 4 * roundUp(count, memory.kernels.lanes);
      return { offset: memory.allocate(capacity * step), count, step };
    };
    const constants = placeConstants(memory, Math.max(...parameters.map(({ layer }) => inputCount(layer))));
    this.capacity = capacity;
    this.parameters = parameters;
    this.images = { offset: memory.allocate(4 * values * capacity), count: values, step: 4 * values };
    this.labels = memory.allocate(capacity);
    this.scalars = memory.allocate(4 * 3);
    this.losses = memory.allocate(8 * blocks);
    this.hits = memory.allocate(4 * blocks);
    this.stack = new ImageStack(memory, network, parameters, constants, this.images, capacity);
    this.features = new FeatureBlocks(memory, this.stack.features.count, capacity);
    this.fullyConnected = buildFullyConnected(memory, parameters, this.features, constants, capacity);
    this.activations = new Map([
      ...this.stack.convLayers.map(({ name, output: { layout } }) => {
        const count = layout.channels * layout.rows * layout.columns;
        return [name, rows(count)] as const;
      }),
      ...this.fullyConnected.map(({ name, output }) => [name, rows(output.features)] as const),
    ]);
    this.chunks = updateChunks(memory, parameters);
  }

  /** In forward order. */
  get weightedLayers(): WeightedLayerPlan[] {
    return [...this.stack.convLayers, ...this.fullyConnected];
  }

  /** The logits: what the last fully connected layer gives or, without any, the features. */
  get output(): FeatureBlocks {
    return this.fullyConnected.at(-1)?.output ?? this.features;
  }
}

function inputCount(layer: WeightedLayer): number {
  return layer.kind === 'conv2d' ? layer.kernel[2] : layer.inputs;
}

function buildFullyConnected(
  memory: SharedMemory,
  parameters: readonly LayerParameters[],
  features: FeatureBlocks,
  constants: Constants,
  capacity: number,
): FullyConnected[] {
  let input = features;
  return parameters
    .filter((entry): entry is LayerParameters<FullyConnectedLayer> => entry.layer.kind === 'fully_connected')
    .map((entry) => {
      const output = new FeatureBlocks(memory, outputCount(entry.layer), capacity);
      const layer = new FullyConnected(memory, entry, input, output, constants);
      input = output;
      return layer;
    });
}

function updateChunks(memory: SharedMemory, parameters: readonly LayerParameters[]): UpdateChunk[] {
  return parameters.flatMap(({ weights, biases }) =>
    [weights, biases].flatMap((variable) =>
      Array.from({ length: Math.ceil(variable.size / CHUNK) }, (_, chunk) => ({
        variable,
        first: chunk * CHUNK,
        count: roundUp(Math.min(CHUNK, variable.size - chunk * CHUNK), memory.kernels.lanes),
        squares: memory.allocate(8),
      })),
    ),
  );
}
