import { type Checkpoint, readFloat32 } from '../checkpoint/index.ts';
import { distribution } from '../inspect/index.ts';
import { maskName, thresholdName, weightsName } from '../model/names.ts';
import { type Network, type WeightedLayer, weightedLayers, weightShape } from '../model/network.ts';
import { zeroFraction } from '../summary/run-summaries.ts';
import { filterPictures } from './filters.ts';
import type { Curve, ReportedLayer, WeightHistogram } from './report-data.ts';

const BINS = 60;

/**
 * Sparsity, histogram and filters of each layer with weights, from a checkpoint. A layer without a mask counts as not pruned.
 *
 * @param sparsities curves by layer
 * @throws UserError `checkpoint` if the checkpoint is damaged or of another network
 */
export async function readLayers(
  checkpoint: Checkpoint,
  network: Network,
  sparsities: ReadonlyMap<string, Curve>,
): Promise<ReportedLayer[]> {
  const layers: ReportedLayer[] = [];
  for (const layer of weightedLayers(network))
    layers.push(await readLayer(checkpoint, layer, sparsities.get(layer.name)));
  return layers;
}

async function readLayer(
  checkpoint: Checkpoint,
  layer: WeightedLayer,
  sparsityCurve: Curve | undefined,
): Promise<ReportedLayer> {
  const { name } = layer;
  const shape = weightShape(layer);
  const weights = await readFloat32(checkpoint, weightsName(name), shape);
  const [mask, threshold] = [maskName(name), thresholdName(name)];
  const kept = checkpoint.has(mask)
    ? await readFloat32(checkpoint, mask, shape)
    : new Float32Array(weights.length).fill(1);
  const isOfColours = layer.kind === 'conv2d' && layer.kernel[2] === 3;
  return {
    name,
    shape,
    weights: weights.length,
    sparsity: zeroFraction(kept),
    threshold: checkpoint.has(threshold) ? (await readFloat32(checkpoint, threshold, []))[0]! : 0,
    ...(sparsityCurve && { sparsityCurve }),
    histogram: histogramOf(weights, kept),
    ...(isOfColours && { filters: filterPictures(shape, weights, kept) }),
  };
}

/** The histogram of surviving weights. With weights of both signs it is symmetric around 0, so that it shows the true width of the gap. */
function histogramOf(weights: Float32Array, mask: Float32Array): WeightHistogram {
  const survivors = weights.filter((_, index) => mask[index] !== 0);
  const { edges, counts, zeros } = distribution(survivors, BINS);
  // A surviving weight may be 0; it belongs to the bin that begins at 0.
  const zeroBin = Math.min(BINS - 1, edges.indexOf(0));
  return {
    low: edges[0]!,
    high: edges[BINS]!,
    counts: counts.map((count, bin) => (bin === zeroBin ? count + zeros : count)),
    masked: weights.length - survivors.length,
  };
}
