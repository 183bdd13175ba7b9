import { elementCount } from '../../wire/tensor.ts';
import type { WeightConstant } from './weight-constants.ts';

/** The largest magnitude among the weights of each output of a layer. */
export interface OutputMagnitudes {
  /** The extents of the output axes, then 1 for each axis after them, so that `largest` broadcasts against the weights. */
  readonly shape: readonly number[];
  readonly largest: Float32Array;
  /** The output that the weight at a row-major index belongs to. */
  of(index: number): number;
}

export function outputMagnitudes({ value: { shape, data }, outputAxes }: WeightConstant): OutputMagnitudes {
  const outputs = outputAxes.map((axis) => shape[axis]!);
  const behind = shape.slice(outputAxes.at(-1)! + 1);
  const [count, each] = [elementCount(outputs), elementCount(behind)];
  const of = (index: number) => Math.floor(index / each) % count;
  const largest = new Float32Array(count);
  for (let i = 0; i < data.length; i++) largest[of(i)] = Math.max(largest[of(i)]!, Math.abs(data[i]!));
  return { shape: [...outputs, ...behind.map(() => 1)], largest, of };
}
