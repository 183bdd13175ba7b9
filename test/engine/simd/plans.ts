import type { Computation, Extents, GraphPlan, PlannedOperation } from '../../../src/engine/graph-plan.ts';
import { elementCount } from '../../../src/wire/tensor.ts';

const windowed = (extent: number, size: number, stride: number, padding: 'SAME' | 'VALID') =>
  Math.ceil((padding === 'SAME' ? extent : extent - size + 1) / stride);

export interface Sliding {
  readonly strides?: Extents;
  readonly padding?: 'SAME' | 'VALID';
}

/** Writes plans operation by operation; every method gives the index of the operation that it adds. */
export class PlanBuilder {
  readonly operations: PlannedOperation[] = [];

  images(...imageShape: number[]): number {
    return this.#add({ op: 'Placeholder', imageShape }, [], [-1, ...imageShape]);
  }

  constant(shape: readonly number[], values: ArrayLike<number>): number {
    return this.#add({ op: 'Const', shape, values: Float32Array.from(values) }, [], shape);
  }

  conv(
    x: number,
    filter: number,
    { strides = [1, 1], padding = 'SAME', dilations = [1, 1] }: Sliding & { dilations?: Extents } = {},
  ): number {
    const [height, width, , channels] = this.shape(filter) as [number, number, number, number];
    const reach: Extents = [(height - 1) * dilations[0] + 1, (width - 1) * dilations[1] + 1];
    const extents = this.#slide(x, reach, strides, padding);
    return this.#add({ op: 'Conv2D', strides, padding, dilations }, [x, filter], [...extents, channels]);
  }

  pool(x: number, window: Extents, { strides = [1, 1], padding = 'SAME' }: Sliding = {}): number {
    const shape = [...this.#slide(x, window, strides, padding), this.shape(x)[3]!];
    return this.#add({ op: 'MaxPool', window, strides, padding }, [x], shape);
  }

  lrn(x: number, depthRadius: number, { bias = 1.5, alpha = 0.4, beta = 0.75 } = {}): number {
    return this.#add({ op: 'LRN', depthRadius, bias, alpha, beta }, [x], this.shape(x));
  }

  add(a: number, b: number): number {
    return this.#add({ op: 'Add' }, [a, b], this.#broadcast(a, b));
  }

  multiply(a: number, b: number): number {
    return this.#add({ op: 'Mul' }, [a, b], this.#broadcast(a, b));
  }

  concat(axis: number, ...inputs: number[]): number {
    const shapes = inputs.map((input) => this.shape(input));
    const extent = shapes.reduce((sum, shape) => sum + shape[axis]!, 0);
    return this.#add({ op: 'ConcatV2', axis }, inputs, shapes[0]!.with(axis, extent));
  }

  relu(x: number): number {
    return this.#add({ op: 'Relu' }, [x], this.shape(x));
  }

  softmax(x: number): number {
    return this.#add({ op: 'Softmax' }, [x], this.shape(x));
  }

  reshape(x: number, ...shape: number[]): number {
    return this.#add({ op: 'Reshape', shape }, [x], shape);
  }

  flatten(x: number): number {
    return this.reshape(x, -1, elementCount(this.shape(x).slice(1)));
  }

  matMul(a: number, b: number, { transposeA = false, transposeB = false } = {}): number {
    const rows = this.shape(a)[transposeA ? 1 : 0]!;
    const columns = this.shape(b)[transposeB ? 0 : 1]!;
    return this.#add({ op: 'MatMul', transposeA, transposeB }, [a, b], [rows, columns]);
  }

  shape(index: number): readonly number[] {
    return this.operations[index]!.shape;
  }

  plan(output = this.operations.length - 1): GraphPlan {
    return { operations: this.operations, output };
  }

  #slide(x: number, window: Extents, strides: Extents, padding: 'SAME' | 'VALID') {
    const [batch, height, width] = this.shape(x) as [number, number, number];
    return [
      batch,
      windowed(height, window[0], strides[0], padding),
      windowed(width, window[1], strides[1], padding),
    ] as const;
  }

  #broadcast(a: number, b: number): number[] {
    const [one, other] = [this.shape(a), this.shape(b)];
    const rank = Math.max(one.length, other.length);
    const extent = (shape: readonly number[], axis: number) => shape[axis - rank + shape.length] ?? 1;
    return Array.from({ length: rank }, (_, axis) =>
      extent(one, axis) === 1 ? extent(other, axis) : extent(one, axis),
    );
  }

  #add(compute: Computation, inputs: readonly number[], shape: readonly number[]): number {
    const name = `node${this.operations.length}`;
    return this.operations.push({ name, compute, inputs, shape }) - 1;
  }
}
