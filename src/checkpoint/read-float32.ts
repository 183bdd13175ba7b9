import { UserError } from '../errors.ts';
import type { Checkpoint } from './open.ts';

/**
 * The values of a float32 variable of that shape.
 *
 * @throws UserError `checkpoint` if it is missing, damaged, of another type or of another shape
 */
export async function readFloat32(
  checkpoint: Checkpoint,
  name: string,
  expected: readonly number[],
): Promise<Float32Array> {
  const { dtype, shape, data } = await checkpoint.read(name);
  if (dtype === 'float32' && shape.join() === expected.join()) return data;
  throw new UserError(
    'checkpoint',
    `${checkpoint.prefix}: ${name} is ${dtype} of shape [${shape}], expected float32 of [${expected}]`,
    'The checkpoint is of another network.',
  );
}
