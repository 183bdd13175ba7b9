import type {
  Distribution,
  InspectedWeight,
  Inspection,
  ModelTensor,
  TotalMultiplyAdds,
} from '../inspect/index.ts';

/** An inspection as the object that --json prints; what is unknown is left out. */
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
      not_finite: total.notFinite,
      sparsity: total.sparsity,
      partial: total.partial,
      multiply_adds: totalJson(total.multiplyAdds),
    },
    tensors: tensors.map(tensorJson),
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
    not_finite: weight.notFinite,
    sparsity: weight.sparsity,
    mask_sparsity: weight.maskSparsity,
    raw_sparsity: weight.rawSparsity,
    bytes: weight.bytes,
    block: weight.block,
    n_of_m: weight.nOfM,
    multiply_adds: weight.multiplyAdds && {
      ...weight.multiplyAdds,
      ...(weight.runs === 'per iteration' && { per_iteration: true }),
      ...(weight.runs === 'in a branch' && { in_branch: true }),
    },
  };
}

/** `partial` if operations are left out, or if those in loops or branches are counted as if they ran once. */
function totalJson({ dense, effective, unknown, perIteration, inBranch }: TotalMultiplyAdds) {
  const partial = unknown + perIteration + inBranch > 0;
  return { dense, effective, partial, unknown, per_iteration: perIteration, in_branch: inBranch };
}

/** JSON has no NaN and no infinity: such values become strings. */
function tensorJson({ notFinite, value, ...tensor }: ModelTensor) {
  return {
    ...tensor,
    not_finite: notFinite,
    value: value === undefined || Number.isFinite(value) ? value : String(value),
  };
}

function histogramJson([name, { zeros, notFinite, edges, counts }]: readonly [string, Distribution]) {
  return [name, { zeros, not_finite: notFinite, edges, counts }] as const;
}
