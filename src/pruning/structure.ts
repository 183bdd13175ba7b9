/**
 * Which weights are pruned together. A structure divides one or several tensors into units of one or more weights. The schedule
 * says which share of the units is pruned: those with the smallest scores. Sparsity therefore counts units; the sparsity of
 * weights differs from it if units have different sizes.
 *
 * How structures other than single weights and blocks are expressed:
 *
 * - Filters or channels of [height, width, inputs, outputs]: a unit is all weights of one output. `pool` returns one norm per
 *   output, `expand` gives each weight the value of its output. Biases have no mask, so a pruned filter still outputs its bias.
 * - N:M (at most N of M successive inputs survive): a unit is one weight. `pool` returns the weight's rank in its group, M for
 *   the largest score, 1 for the smallest; sparsity 1 - N/M then leaves N of each group. Equal scores would all survive,
 *   but ranks within a group are never equal, so no more than N do.
 * - A group of tensors that share one threshold: units are weights or blocks of all tensors. `pool` concatenates their scores,
 *   `expand` splits the mask again.
 * - Channels that depend on each other: a unit is output channel c of one convolution with input channel c of the next.
 *   `pool` returns one norm over both, `expand` writes both masks.
 */
export interface Structure {
  /**
   * Returns one score per unit, in the order that `expand` expects. Units are ranked by absolute score. It may return an input itself,
   * but must not change any.
   *
   * @param scores one array per tensor, in the order of the rule's weights, each row-major in the tensor's shape
   */
  pool(scores: readonly Float32Array[]): Float32Array;
  /**
   * Returns the masks of the tensors, in the order and shapes of `pool`'s input. May return `survives` itself.
   *
   * @param survives one value per unit: 1 if it survives, else 0
   */
  expand(survives: Float32Array): readonly Float32Array[];
}

/** Each weight of a tensor is a unit of its own. */
export const SINGLE_WEIGHTS: Structure = {
  pool: ([scores]) => scores!,
  expand: (survives) => [survives],
};
