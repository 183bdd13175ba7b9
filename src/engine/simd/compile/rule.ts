import type { Backward } from '../train/gradients.ts';
import type { Lowering } from './lowering.ts';
import type { Step } from './steps.ts';

/**
 * Adds the work of a step to the forward pass. Returns the function that adds its backward pass; undefined if the step cannot be trained
 * or the graph is not trained.
 */
export type Rule<S extends Step> = (step: S, at: Lowering) => Backward | undefined;
