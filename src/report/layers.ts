import { type Checkpoint, readFloat32 } from '../checkpoint/index.ts';
import { distribution } from '../inspect/index.ts';
import { maskName, thresholdName, weightsName } from '../model/names.ts';
import { type Network, type WeightedLayer, weightedLayers, weightShape } from '../model/network.ts';
import { zeroFraction } from '../summary/run-summaries.ts';
import { filterPictures } from './filters.ts';
import type { Curve, ReportedLayer, WeightHistogram } from './report-data.ts';

const BINS = 60;

/**
 * What a checkpoint holds of each weighted layer; a layer without a mask is whole.
 *
 * @param sparsities curves by layer
 * @throws UserError `checkpoint` if it is damaged or of another network
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

/** As wide on both sides of 0 where there are weights of both signs, so that the gap of pruning is seen as it is. */
function histogramOf(weights: Float32Array, mask: Float32Array): WeightHistogram {
  const survivors = weights.filter((_, index) => mask[index] !== 0);
  const { edges, counts, zeros } = distribution(survivors, BINS);
  // A weight may survive and be 0, which belongs to the bin that begins there.
  const zeroBin = Math.min(BINS - 1, edges.indexOf(0));
  return {
    low: edges[0]!,
    high: edges[BINS]!,
    counts: counts.map((count, bin) => (bin === zeroBin ? count + zeros : count)),
    masked: weights.length - survivors.length,
  };
}
