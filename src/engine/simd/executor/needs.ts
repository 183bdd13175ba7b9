import type { GraphPlan } from '../../graph-plan.ts';
import type { ConvolutionStep, FullyConnectedStep, ImageStep, Step } from './steps.ts';

/** In which forms the result of an operation is read. */
export interface Need {
  /** Row-major. */
  plain: boolean;
  /** As planes, by these steps. */
  readonly images: Step[];
  /** As the features of fully connected layers. */
  readonly features: FullyConnectedStep[];
}

/** Which steps compute the output, and in which forms they read each other's results. */
export function needsOf(plan: GraphPlan, steps: readonly Step[]): { live: Step[]; needs: Need[] } {
  const needs = plan.operations.map((): Need => ({ plain: false, images: [], features: [] }));
  needs[plan.output]!.plain = true;
  const isRead = ({ output }: Step) => {
    const { plain, images, features } = needs[output]!;
    return plain || images.length > 0 || features.length > 0;
  };
  const live: Step[] = [];
  for (const step of steps.toReversed()) {
    if (!isRead(step)) continue;
    live.unshift(step);
    if (step.kind === 'plain') {
      for (const input of step.operation.inputs) needs[input]!.plain = true;
    } else if (step.kind === 'fully_connected') {
      needs[featureSource(plan, step.input)]!.features.push(step);
    } else {
      const need = needs[step.input]!;
      need.images.push(step);
      if (step.kind === 'convolution' && plan.operations[step.weights]!.compute.op !== 'Const')
        needs[step.weights]!.plain = true;
      if (!isImageStep(steps.find(({ output }) => output === step.input))) need.plain = true;
    }
  }
  return { live, needs };
}

/** The operation whose values, in another shape, are the features that `index` gives each image. */
export function featureSource(plan: GraphPlan, index: number): number {
  const { compute, inputs, shape } = plan.operations[index]!;
  const keepsImages = compute.op === 'Reshape' && plan.operations[inputs[0]!]!.shape[0] === shape[0];
  return keepsImages ? featureSource(plan, inputs[0]!) : index;
}

/** Whether a step gives planes. */
export function isImageStep(step: Step | undefined): step is ImageStep {
  return step?.kind === 'convolution' || step?.kind === 'pooling' || step?.kind === 'normalization';
}

/** The first convolution that can read its padded input from where another step has written it. */
export function paddingReader({ images }: Need): ConvolutionStep | undefined {
  return images.find(
    (step): step is ConvolutionStep => step.kind === 'convolution' && step.compute.strides[1] === 1,
  );
}
