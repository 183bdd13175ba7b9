import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Layer } from './network.ts';

/** An error about one layer: `conv2d conv1 has stride 0; expected ...`. @param problem a clause that continues the layer's name */
export function layerError(
  { kind, name }: Pick<Layer, 'name'> & { readonly kind: string },
  problem: string,
  hint?: string,
): UserError {
  return new UserError('network', `${printable(String(kind))} ${printable(String(name))} ${problem}`, hint);
}
