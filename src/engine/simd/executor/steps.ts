import type { Computation, GraphPlan, PlannedOperation } from '../../graph-plan.ts';

type ComputationOf<Op> = Extract<Computation, { op: Op }>;

/** Some operations of a plan that are computed as one. */
export type Step =
  | ConvolutionStep
  | FullyConnectedStep
  | { readonly kind: 'pooling'; readonly output: number; readonly input: number; readonly compute: Pooling }
  | NormalizationStep
  /** Computed on tensors as they are, row-major. */
  | { readonly kind: 'plain'; readonly output: number; readonly operation: PlannedOperation };

export interface NormalizationStep {
  readonly kind: 'normalization';
  readonly output: number;
  readonly input: number;
  readonly compute: ComputationOf<'LRN'>;
}

export type Pooling = ComputationOf<'MaxPool'>;

/** What follows a convolution or multiplication and is done as its results are stored. */
interface Activated {
  /** Index of the operation whose result this is. */
  readonly output: number;
  readonly input: number;
  readonly weights: number;
  readonly bias: Float32Array | undefined;
  readonly relu: boolean;
}

export interface ConvolutionStep extends Activated {
  readonly kind: 'convolution';
  readonly compute: ComputationOf<'Conv2D'>;
  readonly pooling: Pooling | undefined;
}

/** A multiplication by constant weights. */
export interface FullyConnectedStep extends Activated {
  readonly kind: 'fully_connected';
  /** Whether the weights are [outputs, inputs]. */
  readonly transposed: boolean;
}

/** A step that gives planes. */
export type ImageStep = Exclude<Step, FullyConnectedStep | { kind: 'plain' }>;

/** The steps that compute the plan's output, in the plan's order. */
export function stepsOf(plan: GraphPlan): Step[] {
  const fuser = new Fuser(plan);
  return plan.operations.flatMap((operation, index) => fuser.step(operation, index) ?? []);
}

class Fuser {
  readonly #plan: GraphPlan;
  readonly #readers: readonly number[][];
  /** Operations that an earlier step computes. */
  readonly #fused = new Set<number>();

  constructor(plan: GraphPlan) {
    const readers: number[][] = plan.operations.map(() => []);
    plan.operations.forEach(({ inputs }, index) => {
      for (const input of inputs) readers[input]!.push(index);
    });
    this.#plan = plan;
    this.#readers = readers;
  }

  step(operation: PlannedOperation, index: number): Step | undefined {
    const { compute, inputs } = operation;
    if (compute.op === 'Const' || compute.op === 'Placeholder' || this.#fused.has(index)) return undefined;
    const [input = 0, weights = 0] = inputs;
    switch (compute.op) {
      case 'Conv2D': {
        const { bias, relu, output } = this.#activation(index);
        const next = this.#soleReader(output);
        const pool = next !== undefined && this.#plan.operations[next]!.compute;
        const pooling = pool && pool.op === 'MaxPool' ? pool : undefined;
        const last = pooling ? this.#fuse(next!) : output;
        const shared = { output: last, input, weights, bias, relu };
        return { kind: 'convolution', ...shared, compute, pooling };
      }
      case 'MatMul':
        if (compute.transposeA || !this.#constant(weights)) break;
        return {
          kind: 'fully_connected',
          input,
          weights,
          ...this.#activation(index),
          transposed: compute.transposeB,
        };
      case 'MaxPool':
        return { kind: 'pooling', output: index, input, compute };
      case 'LRN':
        return { kind: 'normalization', output: index, input, compute };
    }
    return { kind: 'plain', output: index, operation };
  }

  /** The bias and the ReLU that follow an operation and nothing else does. */
  #activation(index: number): Pick<Activated, 'bias' | 'relu' | 'output'> {
    const bias = this.#bias(index);
    const sum = bias ? this.#fuse(this.#soleReader(index)!) : index;
    const next = this.#soleReader(sum);
    const relu = next !== undefined && this.#plan.operations[next]!.compute.op === 'Relu';
    return { bias, relu, output: relu ? this.#fuse(next) : sum };
  }

  #bias(index: number): Float32Array | undefined {
    const reader = this.#soleReader(index);
    const sum = reader === undefined ? undefined : this.#plan.operations[reader]!;
    if (sum?.compute.op !== 'Add') return undefined;
    const { shape } = this.#plan.operations[index]!;
    const constant = this.#constant(sum.inputs.find((input) => input !== index)!);
    const channels = shape.at(-1);
    const fits =
      constant?.values.length === channels &&
      (constant?.shape.at(-1) ?? 1) === channels &&
      sum.shape.length === shape.length;
    return fits ? constant?.values : undefined;
  }

  #constant(index: number): ComputationOf<'Const'> | undefined {
    const compute = this.#plan.operations[index]?.compute;
    return compute?.op === 'Const' ? compute : undefined;
  }

  /** The one operation that reads a result, if there is but one and the result is not wanted itself. */
  #soleReader(index: number): number | undefined {
    const readers = this.#readers[index]!;
    return readers.length === 1 && index !== this.#plan.output ? readers[0] : undefined;
  }

  #fuse(index: number): number {
    this.#fused.add(index);
    return index;
  }
}
