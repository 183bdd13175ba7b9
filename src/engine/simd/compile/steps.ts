import type { Computation, GraphPlan, PlannedOperation, Variable } from '../../graph-plan.ts';

type ComputationOf<Op> = Extract<Computation, { op: Op }>;

/** A plan to be lowered: that of a frozen graph, or that of a network with its variables. */
export type LoweredPlan = GraphPlan<Computation | Variable>;
export type LoweredOperation = PlannedOperation<Computation | Variable>;

/** One or more operations of a plan that are computed together. */
export type Step =
  | ConvolutionStep
  | FullyConnectedStep
  | PoolingStep
  | NormalizationStep
  | SumStep
  | ConcatenationStep
  | PlainStep;

interface StepOf<Kind> {
  readonly kind: Kind;
  /** Index of the operation whose result the step gives. */
  readonly output: number;
}

export type Pooling = ComputationOf<'MaxPool'>;

export interface PoolingStep extends StepOf<'pooling'> {
  readonly input: number;
  readonly compute: Pooling;
}

export interface NormalizationStep extends StepOf<'normalization'> {
  readonly input: number;
  readonly compute: ComputationOf<'LRN'>;
}

/** Adds images of one shape. */
export interface SumStep extends StepOf<'sum'> {
  readonly inputs: readonly number[];
  readonly relu: boolean;
}

/** Joins images of one height and width along their channels. */
export interface ConcatenationStep extends StepOf<'concatenation'> {
  readonly inputs: readonly number[];
}

/** An operation that is computed on row-major tensors. */
export interface PlainStep extends StepOf<'plain'> {
  readonly operation: LoweredOperation;
}

/** A convolution or multiplication with the bias and ReLU that are applied when its results are stored. */
export interface Activated {
  readonly input: number;
  /** Index of the weights: a constant, a computed tensor, or the product of a variable and its mask. */
  readonly weights: number;
  /** Index of the biases: a constant or a variable. */
  readonly bias: number | undefined;
  readonly relu: boolean;
  /** Index of the operation that gives the result after bias and ReLU. */
  readonly activated: number;
}

export interface ConvolutionStep extends StepOf<'convolution'>, Activated {
  readonly compute: ComputationOf<'Conv2D'>;
  /** The pooling that is applied to the result, if any. */
  readonly pooling: Pooling | undefined;
}

/** A multiplication by weights that are constant or trained. */
export interface FullyConnectedStep extends StepOf<'fully_connected'>, Activated {
  /** Whether the weights are [outputs, inputs]. */
  readonly transposed: boolean;
}

export type WeightedStep = ConvolutionStep | FullyConnectedStep;

/** A step whose result is planes. */
export type ImageStep = Exclude<Step, FullyConnectedStep | PlainStep>;

/** Whether a step's result is planes. */
export function isImageStep(step: Step | undefined): step is ImageStep {
  return step !== undefined && step.kind !== 'plain' && step.kind !== 'fully_connected';
}

/** Indices of the operations that a step reads, apart from its weights and biases. */
export function inputsOf(step: Step): readonly number[] {
  if (step.kind === 'plain') return step.operation.inputs;
  return 'inputs' in step ? step.inputs : [step.input];
}

/** Whether the operation is the product of a variable and its mask. */
export function isMaskedVariable({ operations }: LoweredPlan, index: number): boolean {
  const { compute, inputs } = operations[index]!;
  return compute.op === 'Mul' && inputs.every((input) => operations[input]!.compute.op === 'VariableV2');
}
