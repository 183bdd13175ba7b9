import { connectLayers } from '../../model/connected-layers.ts';
import type { Network } from '../../model/network.ts';
import { addCall } from './add-layer.ts';
import { type Buffer, Buffers, type Position, SLICES, SLOTS } from './buffers.ts';
import type { Constants } from './constants.ts';
import { ConvLayer } from './conv-layer.ts';
import type { ImageTensor } from './image-layer.ts';
import { type GradientSum, type PlacedLayer, placeImageLayers } from './image-layers.ts';
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
  readonly #layers: readonly PlacedLayer[];
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
    this.#input = { layout, value: buffers.perSlice(layout.bytes), gradient: NO_BUFFER, learns: false };
    this.#layers = placeImageLayers(buffers, connectLayers(network), parameters, this.#input, constants);
    this.convLayers = this.#layers.map(({ layer }) => layer).filter((layer) => layer instanceof ConvLayer);
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
    const learning = this.#layers.filter(({ layer }) => layer.output.learns).reverse();
    if (learning.length === 0) return [];
    const backwardImage = (at: Position): Call[] => [
      toPlanesCall(
        this.#featureGradients + at.image * this.features.step,
        this.#output.layout,
        this.#output.gradient.at(at),
      ),
      ...learning.flatMap(({ layer, sums }) => [...layer.backward(at), ...sumCalls(sums, at)]),
    ];
    return slicesOf(images).map((slice) =>
      slice.flatMap((at, number) => {
        const complete = at.slot === SLOTS - 1 || number === slice.length - 1;
        return [...backwardImage(at), ...(complete ? this.#sumGradients(slice, number) : [])];
      }),
    );
  }

  get #output(): ImageTensor {
    return this.#layers.at(-1)?.layer.output ?? this.#input;
  }

  #forwardImage(at: Position, observed: ReadonlyMap<string, Rows>): Call[] {
    const output = this.#output;
    return [
      toPlanesCall(
        this.#images.offset + at.image * this.#images.step,
        this.#input.layout,
        this.#input.value.at(at),
      ),
      ...this.#layers.flatMap(({ layer }) => {
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

/** Adds up the gradients of tensors that several layers read. */
function sumCalls(sums: readonly GradientSum[], at: Position): Call[] {
  return sums.map(({ part, total: { gradient, layout } }) => {
    const d = gradient.at(at);
    return addCall(d, part.at(at), d, layout.bytes / 4);
  });
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
