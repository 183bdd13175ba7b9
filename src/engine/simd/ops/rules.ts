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

/** One rule a kind of step, which has the forward pass and the backward pass side by side. */
const RULES: { readonly [K in Step['kind']]: Rule<Extract<Step, { kind: K }>> } = {
  convolution,
  pooling,
  normalization,
  sum,
  concatenation,
  fully_connected: fullyConnected,
  plain,
};

/** @throws UserError `graph`, naming the node, on what cannot be computed */
export function lower(step: Step, at: Lowering): Backward | undefined {
  // The table's entry for a kind takes steps of that kind.
  return (RULES[step.kind] as Rule<Step>)(step, at);
}
