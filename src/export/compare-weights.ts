import { UserError } from '../errors.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { ExportFormat, StoredWeight } from './format.ts';
import { partsOf, type WeightFormat } from './weight-format.ts';
import { largestRounding, type WeightConstant, weightConstants } from './weights/index.ts';

/** The difference between the weights of a graph and the same weights read back from an export. */
export interface WeightComparison {
  readonly tensors: number;
  /** The largest difference between a weight and what was read back for it. */
  readonly largestDifference: number;
}

/**
 * Compares each weight of a graph with what was stored for it.
 *
 * @throws UserError `graph` if one is missing, has another shape, or differs by more than the format's rounding
 */
export function compareWeights(
  graph: GraphDef,
  format: ExportFormat,
  weightFormat: WeightFormat,
  stored: ReadonlyMap<string, StoredWeight>,
): WeightComparison {
  const bounds = format.largestRounding ?? largestRounding;
  const { type } = partsOf(weightFormat);
  const differences = weightConstants(graph).map((weight) =>
    largestDifference(weight, valuesOf(weight, stored), bounds(weight, type)),
  );
  return {
    tensors: differences.length,
    largestDifference: differences.reduce((largest, each) => Math.max(largest, each), 0),
  };
}

function valuesOf(
  { name, value: { shape } }: WeightConstant,
  stored: ReadonlyMap<string, StoredWeight>,
): Float32Array {
  const value = stored.get(name)?.value;
  if (!value) throw new UserError('graph', `the weights ${name} are missing`);
  if (value.shape.join() !== shape.join())
    throw new UserError('graph', `the weights ${name} have shape [${value.shape}], expected [${shape}]`);
  return value.data;
}

function largestDifference(
  { name, value: { data } }: WeightConstant,
  stored: Float32Array,
  bound: (index: number) => number,
): number {
  let [largest, worst, excess] = [0, -1, 0];
  for (let i = 0; i < data.length; i++) {
    const difference = distance(stored[i]!, data[i]!);
    largest = Math.max(largest, difference);
    const limit = bound(i);
    if (difference === 0) continue;
    // A value that is not finite has no bound: what was stored must equal it.
    const beyond = Number.isFinite(limit) ? difference - limit : Number.POSITIVE_INFINITY;
    if (beyond > excess) [worst, excess] = [i, beyond];
  }
  if (worst < 0) return largest;
  const [is, was] = [stored[worst]!, data[worst]!];
  throw new UserError(
    'graph',
    `weight ${worst} of ${name} is ${is}, expected ${was}: a difference of ${distance(is, was)}, expected at most ${bound(worst)}`,
  );
}

/** The distance of two values; 0 if they are equal or both NaN. */
export function distance(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
