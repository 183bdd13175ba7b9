import { UserError } from '../errors.ts';
import { type Pruning, sparsity } from '../pruning/index.ts';
import type { Progress } from './progress.ts';

/** How much a mask's sparsity may differ from its target, since a mask covers a whole number of weights or blocks. */
const TOLERANCE = 0.01;

/**
 * Refuses hparams that the user did not choose if they would bring back weights that a checkpoint's masks have pruned.
 *
 * @throws UserError `argument` that names the weight, the masked fraction and the target
 */
export function refuseLooserMasks(
  pruning: Pruning,
  { step, pruning: state }: Progress,
  maxSteps: number,
): void {
  const { begin_pruning_step: begin, end_pruning_step: end } = pruning.hparams;
  const last = end < 0 ? maxSteps : Math.min(maxSteps, end);
  if (Math.max(step + 1, begin) > last) return;
  const looser = pruning.prunedWeights.flatMap((name) => {
    const now = sparsity(state.masks.get(name)!);
    const target = Math.min(pruning.sparsityAt(step + 1, name), pruning.sparsityAt(last, name));
    return target < now - TOLERANCE ? [{ name, now, target }] : [];
  });
  if (looser.length === 0) return;
  const [{ name, now, target }] = looser as [(typeof looser)[0]];
  const others = looser.length > 1 ? ` (and of ${looser.length - 1} more)` : '';
  const percent = (fraction: number) => `${(fraction * 100).toFixed(1)}%`;
  throw new UserError(
    'argument',
    `the checkpoint has masked ${percent(now)} of ${name}${others}, but the hparams in force mask ${percent(target)}: weights that were pruned would come back`,
    'Give the --pruning_hparams that the checkpoint was trained with, or add --override_hparams.',
  );
}
