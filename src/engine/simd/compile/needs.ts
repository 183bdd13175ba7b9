import {
  type ConvolutionStep,
  type FullyConnectedStep,
  inputsOf,
  isImageStep,
  isMaskedVariable,
  type LoweredPlan,
  type Step,
} from './steps.ts';

/** The forms in which steps read an operation's result. */
export interface Need {
  /** Whether a step reads it row-major. */
  plain: boolean;
  /** The steps that read it as planes. */
  readonly images: Step[];
  /** The fully connected steps that read it as features. */
  readonly features: FullyConnectedStep[];
}

/**
 * The steps that the output depends on (`live`), and for each operation the forms in which these steps read its result (`needs`).
 *
 * @param trains whether a backward pass follows: it gives the gradients of features as rows, so images must exist as rows, too
 */
export function needsOf(
  plan: LoweredPlan,
  steps: readonly Step[],
  trains: boolean,
): { live: Step[]; needs: Need[] } {
  const needs = plan.operations.map((): Need => ({ plain: false, images: [], features: [] }));
  const producers = new Map(steps.map((step) => [step.output, step]));
  needs[trains ? featureSource(plan, plan.output) : plan.output]!.plain = true;
  const live: Step[] = [];
  for (const step of steps.toReversed()) {
    const { plain, images, features } = needs[step.output]!;
    if (!plain && images.length === 0 && features.length === 0) continue;
    live.unshift(step);
    if (step.kind === 'plain') {
      for (const input of step.operation.inputs) needs[input]!.plain = true;
    } else if (step.kind === 'fully_connected') {
      const source = featureSource(plan, step.input);
      needs[source]!.features.push(step);
      if (trains && isImageStep(producers.get(source))) needs[source]!.plain = true;
    } else {
      for (const input of inputsOf(step)) {
        needs[input]!.images.push(step);
        if (!isImageStep(producers.get(input))) needs[input]!.plain = true;
      }
      if (step.kind === 'convolution' && isComputed(plan, step.weights)) needs[step.weights]!.plain = true;
    }
  }
  return { live, needs };
}

/** Whether the graph computes these values: they are neither a constant nor the product of a variable and its mask. */
export function isComputed(plan: LoweredPlan, index: number): boolean {
  return plan.operations[index]!.compute.op !== 'Const' && !isMaskedVariable(plan, index);
}

/** The operation that computes the features which `index` gives each image. Skips Reshapes that keep images apart. */
export function featureSource(plan: LoweredPlan, index: number): number {
  const { compute, inputs, shape } = plan.operations[index]!;
  const keepsImages = compute.op === 'Reshape' && plan.operations[inputs[0]!]!.shape[0] === shape[0];
  return keepsImages ? featureSource(plan, inputs[0]!) : index;
}

/** The first convolution that can read its padded input where the producer writes it, without a copy. */
export function paddingReader({ images }: Need): ConvolutionStep | undefined {
  return images.find(
    (step): step is ConvolutionStep => step.kind === 'convolution' && step.compute.strides[1] === 1,
  );
}
