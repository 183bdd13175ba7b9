/** What is typed, and what stands there after the tab key. */
export const COMPLETED: readonly (readonly [typed: string, completed: string])[] = [
  ['cifar10-prune str', 'cifar10-prune strip'],
  ['cifar10-prune train --engine=s', 'cifar10-prune train --engine=simd'],
  ['cifar10-prune train --max', 'cifar10-prune train --max_steps='],
  ['cifar10-prune train --overw', 'cifar10-prune train --overwrite'],
  ['cifar10-prune eval --checkpoint_dir=sr', 'cifar10-prune eval --checkpoint_dir=src'],
  ['cifar10-prune predict READ', 'cifar10-prune predict README.md'],
  ['cifar10-prune completion z', 'cifar10-prune completion zsh'],
  ['cifar10_train --log_d', 'cifar10_train --log_device_placement'],
];
