import type { ConnectedLayer } from '../../model/connected-layers.ts';
import { INPUT_NODE } from '../../model/names.ts';
import type { Conv2dLayer, Layer } from '../../model/network.ts';
import { addLayer } from './add-layer.ts';
import type { Buffer, Buffers } from './buffers.ts';
import { concatLayer } from './concat-layer.ts';
import type { Constants } from './constants.ts';
import { ConvLayer } from './conv-layer.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { lrnLayer } from './lrn-layer.ts';
import { maxPoolLayer } from './max-pool-layer.ts';
import type { LayerParameters } from './parameters.ts';
import { isReluConv, Readers } from './readers.ts';

/** An image layer among the others. */
export interface PlacedLayer {
  readonly layer: ImageLayer;
  /** Gradients that its backward pass leaves apart, to be added to what other readers of the same tensor have left. */
  readonly sums: readonly GradientSum[];
}

export interface GradientSum {
  readonly part: Buffer;
  readonly total: ImageTensor;
}

/**
 * Gives the layers before the first fully connected one their buffers, in the network's order.
 *
 * @param images the tensor called `images`
 */
export function placeImageLayers(
  buffers: Buffers,
  network: readonly ConnectedLayer[],
  parameters: readonly LayerParameters[],
  images: ImageTensor,
  constants: Constants,
): PlacedLayer[] {
  const layers = network.filter(({ layer }) => layer.kind !== 'fully_connected');
  const readers = new Readers(layers);
  const tensors = new Map([[INPUT_NODE, images]]);
  return layers.map(({ layer, inputs }) => {
    const names = inputs.map(({ name }) => name);
    const sums: GradientSum[] = [];
    const from = names.map((name, input): ImageTensor => {
      const total = tensors.get(name)!;
      if (!total.learns || readers.isFirstBackward(layer, names, input)) return total;
      const part = buffers.perSlice(total.layout.bytes);
      sums.push({ part, total });
      return { ...total, gradient: part };
    });
    const placed = placeLayer(layer, names, from);
    tensors.set(layer.name, placed.output);
    return { layer: placed, sums };
  });

  function placeLayer(layer: Layer, names: readonly string[], from: readonly ImageTensor[]): ImageLayer {
    const [input] = from as readonly [ImageTensor, ...ImageTensor[]];
    const keepOutput = readers.keepsInput(layer.name);
    switch (layer.kind) {
      case 'conv2d': {
        const own = parameters.find((entry) => entry.layer === layer) as LayerParameters<Conv2dLayer>;
        const reluGradientLater = readers.isPooledRelu(layer.name);
        return new ConvLayer(buffers, own, input, constants, {
          needsInputGradient: input.learns,
          keepOutput: keepOutput || (isReluConv(layer) && !reluGradientLater),
          reluGradientLater,
        });
      }
      case 'max_pool':
        return maxPoolLayer(buffers, layer, input, readers.isPooledRelu(names[0]!));
      case 'lrn':
        return lrnLayer(buffers, layer, input, keepOutput);
      case 'add':
        return addLayer(buffers, layer, from, keepOutput);
      case 'concat':
        return concatLayer(buffers, from, keepOutput);
      case 'fully_connected':
        throw new Error(`${layer.name} is no image layer`);
    }
  }
}
