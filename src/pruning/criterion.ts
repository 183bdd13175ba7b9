/** What is known of one weight tensor after a training step; arrays have its shape and are row-major. */
export interface WeightObservation {
  /** Raw (unmasked) values, all finite. */
  readonly weights: Float32Array;
  /** d loss / d weights of that step; empty unless the criterion needs gradients. */
  readonly gradients: Float32Array;
  /** What `remember` returned last; empty before the first step, and of a criterion that remembers nothing. */
  readonly memory: CriterionMemory;
}

/** What a criterion keeps of a weight from step to step, by the names of the variables that could hold it: `gradient`. */
export type CriterionMemory = ReadonlyMap<string, Float32Array>;

/**
 * How much each weight matters. It knows neither what is pruned together (`Structure`) nor how much (`SparsitySchedule`),
 * and holds no state: what changes from step to step is its memory, which goes in and comes out.
 *
 * Scores are ranked by their absolute values, so magnitude needs no copy. A criterion whose signs count, such as movement
 * pruning (Sanh et al. 2020), returns its scores less the smallest of them.
 *
 *     // Molchanov et al. 2019, first order: |weight * gradient|
 *     scores: ({ weights, gradients }) => weights.map((weight, i) => weight * gradients[i]!)
 */
export interface Criterion {
  /** Whether `remember` or `scores` reads gradients. They must then be given whenever one of them is called. */
  readonly needsGradients: boolean;
  /** Called after each training step, before `scores`; returns the new memory and leaves the old one as it was. */
  remember?(observation: WeightObservation): CriterionMemory;
  /** One finite score a weight, in the weights' order. May be `weights` itself; must not change any input. */
  scores(observation: WeightObservation): Float32Array;
}

/** The largest |weight| matters most (Zhu and Gupta 2017; TensorFlow's model_pruning). */
export const MAGNITUDE: Criterion = {
  needsGradients: false,
  scores: ({ weights }) => weights,
};
