/**
 * What is kept or pruned together: units, each of one or more weights of one or several tensors. Of the units of a
 * structure the schedule's share is pruned, those with the smallest scores. Sparsity therefore counts units; that of
 * weights differs where units have different sizes.
 *
 * How structures other than single weights and blocks are expressed:
 *
 * - Filters or channels of [height, width, inputs, outputs]: a unit is all weights of one output. `pool` returns one norm an
 *   output, `expand` gives each weight the value of its output. Biases have no mask, so a pruned filter still gives its bias.
 * - N:M (at most N of M successive inputs survive): a unit is one weight. `pool` returns the weight's rank in its group, M for
 *   the largest score, 1 for the smallest; sparsity 1 - N/M then leaves N of each group. Ranks are never equal within a
 *   group, so no more than N survive, whereas of equal scores all do.
 * - A group of tensors that share one threshold: units are weights or blocks of all of them. `pool` returns them one tensor
 *   after the other, `expand` cuts them apart.
 * - Channels that depend on each other: a unit is output channel c of one convolution with input channel c of the next.
 *   `pool` returns one norm over both, `expand` writes both masks.
 */
export interface Structure {
  /**
   * One score a unit, in an order that `expand` knows; ranked by absolute value. May be an input itself; must not change any.
   *
   * @param scores one array a tensor, in the order of the rule's weights; each in the tensor's shape, row-major
   */
  pool(scores: readonly Float32Array[]): Float32Array;
  /**
   * The masks of the tensors, in the order and shapes that `pool` takes. May be `survives` itself.
   *
   * @param survives one value a unit, 1 if it survives, else 0
   */
  expand(survives: Float32Array): readonly Float32Array[];
}

/** Each weight of one tensor for itself. */
export const SINGLE_WEIGHTS: Structure = {
  pool: ([scores]) => scores!,
  expand: (survives) => [survives],
};
