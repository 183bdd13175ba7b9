import { countNonzero, countNotFinite } from '../formats/numeric-tensor.ts';
import { averageName } from '../model/names.ts';
import { type BlockShape, blockStructure } from './block-structure.ts';
import type { Model, ModelTensor, ModelWeight, Runs } from './model.ts';
import { type NOfM, nOfMStructure } from './n-of-m.ts';

/** What is said of a model. Sparsities are fractions of zeros. */
export interface Inspection extends Omit<Model, 'weights' | 'graph' | 'incomplete'> {
  /** Of all files. */
  readonly bytes: number;
  /** How many variables have a moving average beside them. */
  readonly averages: number;
  readonly weights: readonly InspectedWeight[];
  /** Of all weights. */
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
  /** Of what the network multiplies by: masked, where there is a mask. */
  readonly nonzero: number;
  /** NaN and infinities among them. */
  readonly notFinite: number;
  readonly sparsity: number;
  /** Of the mask alone, and of the weights before it is applied. */
  readonly maskSparsity?: number | undefined;
  readonly rawSparsity?: number | undefined;
  /** As stored, with masks and what decodes it. */
  readonly bytes: number;
  /** Of the mask where there is one; undefined where nothing or everything is zero. */
  readonly block?: BlockShape | undefined;
  /** Of the mask where there is one; undefined where there is no such structure. */
  readonly nOfM?: NOfM | undefined;
  /** For one image; undefined where it is not known. */
  readonly multiplyAdds?: MultiplyAdds | undefined;
  /** How often those are done, where that is not once. */
  readonly runs?: Runs | undefined;
}

export interface MultiplyAdds {
  readonly dense: number;
  /** Without those by zero. */
  readonly effective: number;
}

/** Of all weights of which it is known. */
export interface TotalMultiplyAdds extends MultiplyAdds {
  /** Of how many weights it is not known. */
  readonly unknown: number;
  /** Of how many weights it is for one iteration of a loop. */
  readonly perIteration: number;
  /** Of how many weights it is only done where a branch is taken. */
  readonly inBranch: number;
}

/** Judges a model. */
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
