/** What a contestant can be asked to compute, over and over. Sparsity is that of every layer. */
export type Task =
  /** A training step: masked forward pass, loss with L2, gradients, gradient descent, moving averages. */
  | { readonly kind: 'step'; readonly sparsity: number }
  /** Logits of images, by the frozen graph. */
  | { readonly kind: 'inference'; readonly sparsity: number; readonly batch: number }
  /** A mask update and the `STEPS_A_MASK_UPDATE` training steps that follow it. */
  | { readonly kind: 'pruning'; readonly sparsity: number }
  /** `PEAK_FLOPS` a thread, by multiply-adds in registers. */
  | { readonly kind: 'peak' };

export const BATCH = 128;
export const SPARSITIES = [0, 0.5, 0.75, 0.9, 0.95] as const;
/** How often `pruning_frequency` lets masks change. */
export const STEPS_A_MASK_UPDATE = 10;
/** How often the multiply-add loop goes round, 12 multiply-adds of 4 lanes each time. */
export const PEAK_ROUNDS = 5_000_000;
export const PEAK_FLOPS = PEAK_ROUNDS * 12 * 4 * 2;

/** A text of its own for every task. */
export function taskName(task: Task): string {
  switch (task.kind) {
    case 'step':
      return `training step at ${percent(task.sparsity)}`;
    case 'inference':
      return `inference of ${task.batch} at ${percent(task.sparsity)}`;
    case 'pruning':
      return `mask update and ${STEPS_A_MASK_UPDATE} steps at ${percent(task.sparsity)}`;
    case 'peak':
      return 'multiply-adds';
  }
}

/** At most `digits` after the point. */
export const percent = (fraction: number, digits = 1) => `${Number((100 * fraction).toFixed(digits))}%`;
