import { UserError } from '../errors.ts';
import type { Checkpoint } from './open.ts';

/**
 * The values of a float32 variable of `size` elements.
 *
 * @throws UserError `checkpoint` if it is missing, damaged, of another type or of another size
 */
export async function readFloat32(checkpoint: Checkpoint, name: string, size: number): Promise<Float32Array> {
  const { dtype, data } = await checkpoint.read(name);
  if (dtype === 'float32' && data.length === size) return data;
  throw new UserError(
    'checkpoint',
    `${checkpoint.prefix}: ${name} has ${data.length} values of ${dtype}, expected ${size} of float32`,
    'The checkpoint is of another network.',
  );
}
