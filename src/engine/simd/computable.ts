import { connectLayers } from '../../model/connected-layers.ts';
import { layerError } from '../../model/layer-error.ts';
import type { Network } from '../../model/network.ts';

/** The largest side of a pooling window: argmax packs row and column, four bits each, into one byte. */
const LARGEST_WINDOW = 16;

/** @throws UserError `network`, naming the layer, if this engine cannot compute the network */
export function checkComputable(network: Network): void {
  for (const { layer } of connectLayers(network)) {
    if (layer.kind === 'max_pool' && layer.size > LARGEST_WINDOW)
      throw layerError(
        layer,
        `has size ${layer.size}; engine simd takes ${LARGEST_WINDOW} at most`,
        'Choose --engine=tfjs.',
      );
  }
}
