/** A weight tensor after a training step. All arrays have its shape and are row-major. */
export interface WeightObservation {
  /** Raw (unmasked) values, all finite. */
  readonly weights: Float32Array;
  /** d loss / d weights of that step; empty unless the criterion needs gradients. */
  readonly gradients: Float32Array;
  /** What `remember` returned last; empty before the first step, and for a criterion that remembers nothing. */
  readonly memory: CriterionMemory;
}

/** What a criterion remembers of a weight from step to step. Keys are names for variables in checkpoints, such as `gradient`. */
export type CriterionMemory = ReadonlyMap<string, Float32Array>;

/**
 * Scores how much each weight matters. `Structure` says what is pruned together, and `SparsitySchedule` how much. A criterion has no
 * state of its own: its memory is passed in and returned.
 *
 * Scores are ranked by their absolute values, so that magnitude needs no copy. A criterion whose signs matter, such as movement
 * pruning (Sanh et al. 2020), subtracts the smallest score from all scores.
 *
 *     // Molchanov et al. 2019, first order: |weight * gradient|
 *     scores: ({ weights, gradients }) => weights.map((weight, i) => weight * gradients[i]!)
 */
export interface Criterion {
  /** Whether `remember` or `scores` reads gradients. If so, each call of either must get them. */
  readonly needsGradients: boolean;
  /** Called after each training step, before `scores`. Returns the new memory and must not change the old one. */
  remember?(observation: WeightObservation): CriterionMemory;
  /** Returns one finite score per weight, in the weights' order. May return `weights` itself, but must not change any input. */
  scores(observation: WeightObservation): Float32Array;
}

/** The largest |weight| matters most (Zhu and Gupta 2017; TensorFlow's model_pruning). */
export const MAGNITUDE: Criterion = {
  needsGradients: false,
  scores: ({ weights }) => weights,
};
