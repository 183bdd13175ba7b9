import {
  type ConvolutionStep,
  type FullyConnectedStep,
  inputsOf,
  isImageStep,
  isMaskedVariable,
  type LoweredPlan,
  type Step,
} from './steps.ts';

/** In which forms the result of an operation is read. */
export interface Need {
  /** Row-major. */
  plain: boolean;
  /** As planes, by these steps. */
  readonly images: Step[];
  /** As the features of fully connected layers. */
  readonly features: FullyConnectedStep[];
}

/**
 * Which steps compute the output, and in which forms they read each other's results.
 *
 * @param trains whether the gradients of features come as rows, so that images have to be laid out as such, too
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

/** Whether the graph itself computes values, from others than variables. */
export function isComputed(plan: LoweredPlan, index: number): boolean {
  return plan.operations[index]!.compute.op !== 'Const' && !isMaskedVariable(plan, index);
}

/** The operation whose values, in another shape, are the features that `index` gives each image. */
export function featureSource(plan: LoweredPlan, index: number): number {
  const { compute, inputs, shape } = plan.operations[index]!;
  const keepsImages = compute.op === 'Reshape' && plan.operations[inputs[0]!]!.shape[0] === shape[0];
  return keepsImages ? featureSource(plan, inputs[0]!) : index;
}

/** The first convolution that can read its padded input from where another step has written it. */
export function paddingReader({ images }: Need): ConvolutionStep | undefined {
  return images.find(
    (step): step is ConvolutionStep => step.kind === 'convolution' && step.compute.strides[1] === 1,
  );
}
