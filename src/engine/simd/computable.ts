import { connectLayers } from '../../model/connected-layers.ts';
import { layerError } from '../../model/layer-error.ts';
import type { Network } from '../../model/network.ts';

/** argmax packs row and column into one byte. */
const LARGEST_WINDOW = 16;

/** @throws UserError `network`, naming the layer, on what this engine cannot compute */
export function checkComputable(network: Network): void {
  const layers = connectLayers(network);
  for (const { layer, inputs } of layers) {
    const before = layers[layers.findIndex((other) => other.layer === layer) - 1]?.layer.name;
    if (inputs.length > 1 || (before !== undefined && inputs[0]!.name !== before))
      throw layerError(
        layer,
        'reads another layer than the one before it, which engine simd does not know',
        'Choose --engine=tfjs.',
      );
    if (layer.kind === 'max_pool' && layer.size > LARGEST_WINDOW)
      throw layerError(
        layer,
        `has size ${layer.size}; engine simd takes ${LARGEST_WINDOW} at most`,
        'Choose --engine=tfjs.',
      );
  }
  const last = layers.at(-1)!.layer;
  if (last.kind !== 'fully_connected')
    throw layerError(
      last,
      'is the last layer; engine simd takes a fully_connected one',
      'Choose --engine=tfjs.',
    );
}
