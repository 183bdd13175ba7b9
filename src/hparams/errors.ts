import { UserError } from '../errors.ts';

/** An error that says in one line which clause is wrong, why, and what was expected. */
export function hparamError(clause: string, problem: string, expected: string, hint = EXAMPLE): UserError {
  const message = `pruning hparams: "${clause}": ${problem}, expected ${expected}`;
  return new UserError('hparams', message.replace(/[\r\n]+/g, ' '), hint);
}

const EXAMPLE =
  'Write, for example, name=cifar10_pruning,target_sparsity=0.9,weight_sparsity_map=[conv1:0.5].';
