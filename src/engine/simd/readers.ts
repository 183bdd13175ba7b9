import type { ConnectedLayer } from '../../model/connected-layers.ts';
import type { Layer } from '../../model/network.ts';

/** Who reads what each image layer gives. A tensor has the name of the layer that gives it. */
export class Readers {
  readonly #layers: readonly ConnectedLayer[];
  /** By tensor; a layer that reads it twice is there twice. */
  readonly #readers = new Map<string, Layer[]>();

  constructor(layers: readonly ConnectedLayer[]) {
    this.#layers = layers;
    for (const { layer, inputs } of layers)
      for (const { name } of inputs) this.#readers.set(name, [...this.#of(name), layer]);
  }

  /** Whether a layer that computes its gradient from its input reads the tensor, which then has to be kept. */
  keepsInput(tensor: string): boolean {
    return this.#of(tensor).some(({ kind }) => kind === 'lrn');
  }

  /** Whether the tensor is the output of a convolution's ReLU that max pooling alone reads: then pooling applies the ReLU's gradient, too. */
  isPooledRelu(tensor: string): boolean {
    const [reader, ...others] = this.#of(tensor);
    const producer = this.#layers.find(({ layer }) => layer.name === tensor)?.layer;
    return isReluConv(producer) && reader?.kind === 'max_pool' && others.length === 0;
  }

  /**
   * Whether the backward pass, which goes through the layers from the last to the first, comes to this input before any other that reads
   * the same tensor.
   */
  isFirstBackward(reader: Layer, inputs: readonly string[], input: number): boolean {
    const tensor = inputs[input]!;
    return this.#of(tensor).at(-1) === reader && inputs.indexOf(tensor) === input;
  }

  #of(tensor: string): readonly Layer[] {
    return this.#readers.get(tensor) ?? [];
  }
}

export function isReluConv(layer: Layer | undefined): boolean {
  return layer?.kind === 'conv2d' && layer.activation === 'relu';
}
