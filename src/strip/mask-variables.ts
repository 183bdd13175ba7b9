import type { MetaGraphDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import type { Variables } from './origins.ts';
import { sourceOf } from './origins.ts';

/** `conv1/mask`, `mask_1`, `kernel_mask`, `conv1/mask/part_0`. */
const NAMED_MASK = /(^|[/_])masks?(_\d+)?(\/part_\d+)?$/;

/**
 * The variables of a graph. Masks are those that the graph lists in its collection `masks`, that are named like masks, or whose
 * values are booleans, or zeros and ones with at least one of each.
 */
export function knownVariables(
  names: readonly string[],
  { collectionDef }: MetaGraphDef,
  values: ReadonlyMap<string, Tensor>,
): Variables {
  const listed = collectionDef.masks?.kind;
  const collected = new Set(listed?.case === 'nodeList' ? listed.value.value.map(sourceOf) : []);
  const masks = new Set(
    names.filter((name) => collected.has(name) || NAMED_MASK.test(name) || isZerosAndOnes(values.get(name))),
  );
  const all = new Set(names);
  return { has: (name) => all.has(name), isMask: (name) => masks.has(name) };
}

const HALF_ONE = 0x3c00;

function isZerosAndOnes(tensor: Tensor | undefined): boolean {
  if (!tensor) return false;
  if (tensor.dtype === 'bool') return true;
  const one = tensor.dtype === 'float16' ? HALF_ONE : 1;
  const found = [false, false];
  for (let i = 0; i < tensor.data.length; i++) {
    const value = Number(tensor.data[i]);
    if (value !== 0 && value !== one) return false;
    found[value === 0 ? 0 : 1] = true;
  }
  return found[0]! && found[1]!;
}
