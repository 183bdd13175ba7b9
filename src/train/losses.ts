import type { StepResult } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { CROSS_ENTROPY_AVERAGE, TOTAL_LOSS_AVERAGE, weightLossAverageName } from '../model/names.ts';

/** Decay of the losses' moving averages, which start from 0. */
export const LOSS_DECAY = Math.fround(0.9);

/** A loss by the name of the variable that holds its average: `total_loss/avg`, `conv1/weight_loss/avg`, ... */
export type Losses = ReadonlyMap<string, number>;

export function lossesOf(result: StepResult): Losses {
  return new Map([
    [TOTAL_LOSS_AVERAGE, result.totalLoss],
    [CROSS_ENTROPY_AVERAGE, result.crossEntropy],
    ...[...result.weightLosses].map(([layer, loss]) => [weightLossAverageName(layer), loss] as const),
  ]);
}

/**
 * The moving averages of the losses: average - (average - loss) * (1 - 0.9), in float32 and not debiased, like
 * tf.train.ExponentialMovingAverage(0.9) of tensors.
 *
 * @param averages averages of the step before; a loss that is not in it starts at 0
 */
export function smoothLosses(averages: Losses, losses: Losses): Losses {
  const weight = Math.fround(1 - LOSS_DECAY);
  return new Map(
    [...losses].map(([name, loss]) => {
      const average = averages.get(name) ?? 0;
      const change = Math.fround(Math.fround(average - Math.fround(loss)) * weight);
      return [name, Math.fround(average - change)];
    }),
  );
}

/** @throws UserError `diverged` if the loss of the step is NaN or infinite */
export function refuseDivergence(totalLoss: number, step: number): void {
  if (Number.isFinite(totalLoss)) return;
  throw new UserError(
    'diverged',
    `the loss is ${totalLoss} at step ${step}: training has diverged`,
    'Start from an earlier checkpoint with another --seed, a larger --batch_size, or hparams that prune later or more slowly.',
  );
}
