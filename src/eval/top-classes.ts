export interface RankedClass {
  /** The class's index in the model's output. */
  readonly label: number;
  readonly probability: number;
}

/** exp(x) / sum of exp. The largest logit is subtracted first, so that exp does not overflow. @param logits [classes], of one image */
export function softmax(logits: Float32Array): Float64Array<ArrayBuffer> {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The `count` most probable classes, the most probable first; equally probable ones by label. */
export function topClasses(probabilities: ArrayLike<number>, count: number): RankedClass[] {
  return Array.from(probabilities, (probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}
