import { UserError } from '../errors.ts';
import { describeNotFinite, findNotFinite } from '../wire/not-finite.ts';
import type { Checkpoint } from './open.ts';

/** How to go on from a checkpoint with values that are not finite. */
export const TRAINING_DIVERGED =
  'Training has diverged: take an earlier checkpoint, or train anew with a smaller learning rate.';

/**
 * The values of a float32 variable of that shape, all of them finite.
 *
 * @throws UserError `checkpoint` if it is missing, damaged, of another type or of another shape, or holds NaN or infinity
 */
export async function readFloat32(
  checkpoint: Checkpoint,
  name: string,
  expected: readonly number[],
): Promise<Float32Array> {
  const tensor = await checkpoint.read(name);
  const { dtype, shape, data } = tensor;
  const odd = findNotFinite(tensor);
  if (odd)
    throw new UserError(
      'checkpoint',
      `${checkpoint.prefix}: ${name} ${describeNotFinite(tensor, odd)}`,
      TRAINING_DIVERGED,
    );
  if (dtype === 'float32' && shape.join() === expected.join()) return data;
  throw new UserError(
    'checkpoint',
    `${checkpoint.prefix}: ${name} is ${dtype} of shape [${shape}], expected float32 of [${expected}]`,
    'The checkpoint is of another network.',
  );
}
