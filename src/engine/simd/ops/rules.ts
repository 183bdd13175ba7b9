import type { Lowering } from '../compile/lowering.ts';
import type { Rule } from '../compile/rule.ts';
import type { Step } from '../compile/steps.ts';
import type { Backward } from '../train/gradients.ts';
import { concatenation } from './concatenation.ts';
import { convolution } from './convolution.ts';
import { fullyConnected } from './fully-connected.ts';
import { normalization } from './normalization.ts';
import { plain } from './plain.ts';
import { pooling } from './pooling.ts';
import { sum } from './sum.ts';

/** For each kind of step a rule, which adds its forward pass and its backward pass. */
const RULES: { readonly [K in Step['kind']]: Rule<Extract<Step, { kind: K }>> } = {
  convolution,
  pooling,
  normalization,
  sum,
  concatenation,
  fully_connected: fullyConnected,
  plain,
};

/** Adds a step by its rule. @throws UserError `graph`, naming the node, if it cannot be computed */
export function lower(step: Step, at: Lowering): Backward | undefined {
  // RULES types each rule for its own kind, but TypeScript cannot correlate `step.kind` with `step` here.
  return (RULES[step.kind] as Rule<Step>)(step, at);
}
