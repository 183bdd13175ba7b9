import { printable } from '../printable.ts';
import { layerError } from './layer-error.ts';
import type { Layer } from './network.ts';

/** @throws UserError `network` unless the value is a whole number of at least `least` */
export function expectWhole(layer: Layer, what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw layerError(
    layer,
    `has ${what} ${printable(String(value))}; expected a whole number of ${least} or more`,
  );
}

/** @throws UserError `network` unless the value is a finite number */
export function expectFinite(layer: Layer, what: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw layerError(layer, `has ${what} ${printable(String(value))}; expected a finite number`);
}

/** @throws UserError `network` unless the value is `one` or `other` */
export function expectOneOf(
  layer: Layer,
  what: string,
  value: string,
  [one, other]: readonly [string, string],
): void {
  if (value === one || value === other) return;
  throw layerError(layer, `has ${what} ${printable(String(value))}; expected ${one} or ${other}`);
}
