import type { Conv2dLayer, Layer, Network } from '../../model/network.ts';
import { type Buffer, Buffers, type Position, SLICES, SLOTS } from './buffers.ts';
import type { Constants } from './constants.ts';
import { ConvLayer } from './conv-layer.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { lrnLayer } from './lrn-layer.ts';
import { maxPoolLayer } from './max-pool-layer.ts';
import { roundUp, type SharedMemory } from './memory.ts';
import type { LayerParameters } from './parameters.ts';
import { planes, toImageCall, toPlanesCall } from './planes.ts';
import type { Call, Phase } from './program.ts';
import type { Rows } from './rows.ts';

/** The layers before the first fully connected one. Each task takes one slice of the batch through all of them. */
export class ImageStack {
  readonly convLayers: readonly ConvLayer[];
  /** The last layer's outputs, each image's in the order [height, width, channels]. */
  readonly features: Rows;
  readonly #images: Rows;
  readonly #input: ImageTensor;
  readonly #layers: readonly ImageLayer[];
  /** Gradients of `features`, laid out like them. */
  readonly #featureGradients: number;

  /** @param images the batch, each image's values in the order [height, width, channels] */
  constructor(
    memory: SharedMemory,
    network: Network,
    parameters: readonly LayerParameters[],
    constants: Constants,
    images: Rows,
    capacity: number,
  ) {
    const [height, width, channels] = network.input;
    const buffers = new Buffers(memory, capacity);
    const layout = planes(memory.kernels, channels, height, width);
    this.#images = images;
    this.#input = { layout, value: buffers.perSlice(layout.bytes), gradient: NO_BUFFER };
    this.#layers = buildLayers(buffers, imageLayers(network), parameters, this.#input, constants);
    this.convLayers = this.#layers.filter((layer) => layer instanceof ConvLayer);
    const last = this.#output.layout;
    const count = last.channels * last.rows * last.columns;
    const step = 4 * roundUp(count, memory.kernels.lanes);
    this.features =
      this.#layers.length === 0 ? images : { offset: memory.allocate(capacity * step), count, step };
    this.#featureGradients = memory.allocate(capacity * this.features.step);
  }

  /** Where the gradients of the features are expected. */
  get featureGradients(): Rows {
    return { ...this.features, offset: this.#featureGradients };
  }

  /** @param observed where outputs of convolutions are to be copied, by layer name */
  forward(images: number, observed: ReadonlyMap<string, Rows>): Phase {
    if (this.#layers.length === 0) return [];
    return slicesOf(images).map((slice) => slice.flatMap((at) => this.#forwardImage(at, observed)));
  }

  backward(images: number): Phase {
    const first = this.#layers.findIndex((layer) => layer instanceof ConvLayer);
    if (first === -1) return [];
    const differentiated = this.#layers.slice(first).reverse();
    const backwardImage = (at: Position): Call[] => [
      toPlanesCall(
        this.#featureGradients + at.image * this.features.step,
        this.#output.layout,
        this.#output.gradient.at(at),
      ),
      ...differentiated.flatMap((layer) => layer.backward(at)),
    ];
    return slicesOf(images).map((slice) =>
      slice.flatMap((at, number) => {
        const complete = at.slot === SLOTS - 1 || number === slice.length - 1;
        return [...backwardImage(at), ...(complete ? this.#sumGradients(slice, number) : [])];
      }),
    );
  }

  get #output(): ImageTensor {
    return this.#layers.at(-1)?.output ?? this.#input;
  }

  #forwardImage(at: Position, observed: ReadonlyMap<string, Rows>): Call[] {
    const output = this.#output;
    return [
      toPlanesCall(
        this.#images.offset + at.image * this.#images.step,
        this.#input.layout,
        this.#input.value.at(at),
      ),
      ...this.#layers.flatMap((layer) => {
        const target = layer instanceof ConvLayer ? observed.get(layer.name) : undefined;
        if (!target) return layer.forward(at);
        const { layout, value } = layer.output;
        return [
          ...layer.forward(at),
          toImageCall(layout, value.at(at), target.offset + at.image * target.step),
        ];
      }),
      toImageCall(output.layout, output.value.at(at), this.features.offset + at.image * this.features.step),
    ];
  }

  /** Sums the gradients that wait in the slots when the slice's image of this number has been computed. */
  #sumGradients(slice: readonly Position[], number: number): Call[] {
    const first = number - slice[number]!.slot;
    return this.convLayers.flatMap((layer) =>
      layer.sumGradients(slice[first]!, number - first + 1, first > 0),
    );
  }
}

const NO_BUFFER: Buffer = { step: 0, at: () => 0 };

/** How many slices a batch has whose gradients are summed apart. */
export function sliceCount(images: number): number {
  return Math.min(images, SLICES);
}

function slicesOf(images: number): Position[][] {
  const slices = sliceCount(images);
  const start = (slice: number) => Math.floor((slice * images) / slices);
  return Array.from({ length: slices }, (_, slice) =>
    Array.from({ length: start(slice + 1) - start(slice) }, (_, number) => ({
      image: start(slice) + number,
      slice,
      slot: number % SLOTS,
    })),
  );
}

function imageLayers({ layers }: Network): readonly Layer[] {
  const end = layers.findIndex(({ kind }) => kind === 'fully_connected');
  return end === -1 ? layers : layers.slice(0, end);
}

function buildLayers(
  buffers: Buffers,
  layers: readonly Layer[],
  parameters: readonly LayerParameters[],
  input: ImageTensor,
  constants: Constants,
): ImageLayer[] {
  const built: ImageLayer[] = [];
  const isRelu = (layer: Layer | undefined) => layer?.kind === 'conv2d' && layer.activation === 'relu';
  layers.forEach((layer, number) => {
    const from = built.at(-1)?.output ?? input;
    const next = layers[number + 1]?.kind;
    if (layer.kind === 'max_pool') built.push(maxPoolLayer(buffers, layer, from, isRelu(layers[number - 1])));
    if (layer.kind === 'lrn') built.push(lrnLayer(buffers, layer, from, next === 'lrn'));
    if (layer.kind === 'conv2d') {
      const reluGradientLater = isRelu(layer) && next === 'max_pool';
      const context = {
        needsInputGradient: built.some((before) => before instanceof ConvLayer),
        keepOutput: next === 'lrn' || (isRelu(layer) && !reluGradientLater),
        reluGradientLater,
      };
      const own = parameters.find((entry) => entry.layer === layer) as LayerParameters<Conv2dLayer>;
      built.push(new ConvLayer(buffers, own, from, constants, context));
    }
  });
  return built;
}
