import type { Distribution, InspectedWeight, Inspection } from '../inspect/index.ts';

/** All that was found, as one object; what is not known is left out. */
export function inspectionJson(
  inspection: Inspection,
  histograms: ReadonlyMap<string, Distribution>,
  eventFile: string | undefined,
) {
  const { kind, path, step, averages, bytes, files, folder, weights, total, tensors, notices } = inspection;
  return {
    kind,
    path,
    step,
    averages,
    bytes,
    files,
    folder,
    weights: weights.map(weightJson),
    total: {
      values: total.values,
      nonzero: total.nonzero,
      sparsity: total.sparsity,
      multiply_adds: total.multiplyAdds,
    },
    tensors,
    notices,
    ...(histograms.size > 0 && { histograms: Object.fromEntries([...histograms].map(histogramJson)) }),
    event_file: eventFile,
  };
}

function weightJson(weight: InspectedWeight) {
  return {
    name: weight.name,
    dtype: weight.dtype,
    shape: weight.shape,
    values: weight.values,
    nonzero: weight.nonzero,
    sparsity: weight.sparsity,
    mask_sparsity: weight.maskSparsity,
    raw_sparsity: weight.rawSparsity,
    bytes: weight.bytes,
    block: weight.block,
    n_of_m: weight.nOfM,
    multiply_adds: weight.multiplyAdds,
  };
}

function histogramJson([name, { zeros, notFinite, edges, counts }]: readonly [string, Distribution]) {
  return [name, { zeros, not_finite: notFinite, edges, counts }] as const;
}
