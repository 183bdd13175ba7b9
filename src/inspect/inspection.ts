import { countNonzero, countNotFinite } from '../formats/numeric-tensor.ts';
import { averageName } from '../model/names.ts';
import { type BlockShape, blockStructure } from './block-structure.ts';
import type { Model, ModelTensor, ModelWeight, Runs } from './model.ts';
import { type NOfM, nOfMStructure } from './n-of-m.ts';

/** What `inspect` reports about a model. Sparsities are fractions of zeros. */
export interface Inspection extends Omit<Model, 'weights' | 'graph' | 'incomplete'> {
  /** Bytes of all files. */
  readonly bytes: number;
  /** Number of variables that have a moving average. */
  readonly averages: number;
  readonly weights: readonly InspectedWeight[];
  /** Sums over all weights. */
  readonly total: {
    readonly values: number;
    readonly nonzero: number;
    readonly notFinite: number;
    readonly sparsity: number;
    /** Whether there may be weights that were not found. */
    readonly partial: boolean;
    readonly multiplyAdds: TotalMultiplyAdds;
  };
}

export interface InspectedWeight {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: number;
  /** Number of weights that are not zero, after masking. */
  readonly nonzero: number;
  /** Number of NaN and infinite weights. */
  readonly notFinite: number;
  readonly sparsity: number;
  /** Sparsity of the mask alone; `rawSparsity` is that of the weights before masking. */
  readonly maskSparsity?: number | undefined;
  readonly rawSparsity?: number | undefined;
  /** Bytes in the files, with the mask and the tensors that decode the weights. */
  readonly bytes: number;
  /** Block structure of the mask or, without one, of the weights; undefined if nothing or everything is zero. */
  readonly block?: BlockShape | undefined;
  /** N:M structure of the mask or, without one, of the weights; undefined if there is none. */
  readonly nOfM?: NOfM | undefined;
  /** Multiply-adds of one image; undefined if they are not known. */
  readonly multiplyAdds?: MultiplyAdds | undefined;
  /** How often these multiply-adds are done, if not once. */
  readonly runs?: Runs | undefined;
}

export interface MultiplyAdds {
  readonly dense: number;
  /** Multiply-adds without those by zero. */
  readonly effective: number;
}

/** Sum over all weights whose multiply-adds are known. */
export interface TotalMultiplyAdds extends MultiplyAdds {
  /** Number of weights whose multiply-adds are not known. */
  readonly unknown: number;
  /** Number of weights in loops, whose multiply-adds are those of one iteration. */
  readonly perIteration: number;
  /** Number of weights in branches, whose multiply-adds are done only if the branch is taken. */
  readonly inBranch: number;
}

/** Computes sparsities, structures and multiply-adds of a model. */
export function inspection(model: Model): Inspection {
  const { kind, path, step, files, folder, tensors, notices } = model;
  const weights = model.weights.map(inspectedWeight);
  const values = sum(weights, (weight) => weight.values);
  const nonzero = sum(weights, (weight) => weight.nonzero);
  return {
    kind,
    path,
    step,
    bytes: sum(files, ({ bytes }) => bytes),
    files,
    folder,
    averages: countAverages(tensors),
    weights,
    total: {
      values,
      nonzero,
      notFinite: sum(weights, ({ notFinite }) => notFinite),
      sparsity: sparsity(nonzero, values),
      partial: model.incomplete ?? false,
      multiplyAdds: {
        dense: sum(weights, ({ multiplyAdds }) => multiplyAdds?.dense ?? 0),
        effective: sum(weights, ({ multiplyAdds }) => multiplyAdds?.effective ?? 0),
        unknown: weights.filter(({ multiplyAdds }) => multiplyAdds === undefined).length,
        perIteration: weights.filter(({ runs }) => runs === 'per iteration').length,
        inBranch: weights.filter(({ runs }) => runs === 'in a branch').length,
      },
    },
    tensors,
    notices,
  };
}

function inspectedWeight({
  name,
  shape,
  effective,
  masked,
  storedBytes,
  uses,
  runs,
}: ModelWeight): InspectedWeight {
  const { length: values } = effective.values;
  const nonzero = countNonzero(effective.values);
  const zeros = masked ? masked.mask : effective;
  const columns = effective.shape.at(-1) ?? 1;
  return {
    name,
    dtype: effective.dtype,
    shape,
    values,
    nonzero,
    notFinite: countNotFinite(effective.values),
    sparsity: sparsity(nonzero, values),
    ...(masked && {
      maskSparsity: sparsity(countNonzero(masked.mask.values), values),
      rawSparsity: sparsity(countNonzero(masked.raw.values), values),
    }),
    bytes: storedBytes,
    block: blockStructure({ rows: values / columns, columns, values: zeros.values }),
    nOfM: nOfMStructure(effective.shape, zeros.values),
    multiplyAdds: uses === undefined ? undefined : { dense: uses * values, effective: uses * nonzero },
    runs,
  };
}

function sparsity(nonzero: number, values: number): number {
  return values === 0 ? 0 : 1 - nonzero / values;
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function countAverages(tensors: readonly ModelTensor[]): number {
  const suffix = averageName('');
  return tensors.filter(({ name }) => name.endsWith(suffix)).length;
}
