import { UserError } from '../errors.ts';
import { describeNotFinite, findNotFinite } from '../wire/not-finite.ts';
import type { Checkpoint } from './open.ts';

/** The hint about a checkpoint with values that are not finite. */
export const TRAINING_DIVERGED =
  'Name an earlier checkpoint, or train again with a smaller learning rate: training has diverged.';

/**
 * Reads a float32 variable of shape `expected` whose values are all finite.
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
    'Name a checkpoint of this network.',
  );
}
