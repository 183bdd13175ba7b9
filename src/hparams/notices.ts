import { formatHparams } from './format.ts';
import { DEFAULT_HPARAMS, type PruningHparams } from './table.ts';

/** Notices, one line each, to show before training starts: what a user might not expect of these hparams. */
export function hparamsNotices(hparams: PruningHparams): string[] {
  const { target_sparsity, sparsity_function_end_step, use_tpu, nbins } = hparams;
  const notices = [];
  if (formatHparams({ ...hparams, name: DEFAULT_HPARAMS.name }) === formatHparams(DEFAULT_HPARAMS)) {
    notices.push(
      `no pruning hparams are given, which still prunes: to ${target_sparsity * 100}% by step ${sparsity_function_end_step}`,
    );
  }
  if (use_tpu) notices.push('use_tpu is ignored: nothing here runs on a TPU');
  if (nbins !== DEFAULT_HPARAMS.nbins)
    notices.push('nbins is ignored: thresholds are exact, not read from a histogram');
  return notices;
}
