import { booleanAttribute } from '../../tensorflow/attributes.ts';
import { reduced } from './arrangements.ts';
import type { Rule } from './call.ts';

const reduction: Rule = ({ node, inputs: [tensor], integers }) => {
  const axes = integers(1);
  const keeps = booleanAttribute(node, 'keep_dims') || booleanAttribute(node, 'keepdims');
  return tensor && axes && reduced(tensor, axes, keeps);
};

export const REDUCE: Readonly<Record<string, Rule>> = Object.fromEntries(
  ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'All', 'Any', 'EuclideanNorm', 'ArgMax', 'ArgMin'].map((op) => [
    op,
    reduction,
  ]),
);
