import type { RecordFormat } from './record-format.ts';

/** The binary version of CIFAR-10 (https://www.cs.toronto.edu/~kriz/cifar.html), record by record. */
export const CIFAR10_FORMAT: RecordFormat = {
  height: 32,
  width: 32,
  channels: 3,
  classes: 10,
  name: 'CIFAR-10 in its binary layout',
  mistakenFor: 'CIFAR-100 has two label bytes a record',
};

/** Class names by label, as `batches.meta.txt` has them. */
export const CIFAR10_CLASS_NAMES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];
