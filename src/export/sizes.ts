import type { GraphDef } from '../wire/protos.ts';
import type { StoredWeight } from './format.ts';
import { readWeights, weightConstants } from './weights/index.ts';

/** How many bytes a weight tensor takes in files. */
export interface WeightSize {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: number;
  /** Number of values that are 0 in the graph. */
  readonly zeros: number;
  /** Bytes as a constant of a binary GraphDef. */
  readonly denseBytes: number;
  /** Bytes in the files of an export, with the nodes that decode it. */
  readonly storedBytes: number;
}

/** The sizes of a graph's weights, in the graph's order. @param stored the weights as read back from an export, by name */
export function weightSizes(graph: GraphDef, stored: ReadonlyMap<string, StoredWeight>): WeightSize[] {
  const dense = readWeights(graph);
  return weightConstants(graph).map(({ name, value: { shape, data } }) => ({
    name,
    shape,
    values: data.length,
    zeros: data.reduce((count, weight) => (weight === 0 ? count + 1 : count), 0),
    denseBytes: dense.get(name)!.bytes,
    storedBytes: stored.get(name)!.bytes,
  }));
}
