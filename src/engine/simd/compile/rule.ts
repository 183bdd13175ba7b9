import type { Backward } from '../train/gradients.ts';
import type { Lowering } from './lowering.ts';
import type { Step } from './steps.ts';

/**
 * Makes work of a step: adds it to the forward pass, and gives what adds that of the backward pass; undefined for what cannot be trained,
 * and in graphs that are not.
 */
export type Rule<S extends Step> = (step: S, at: Lowering) => Backward | undefined;
