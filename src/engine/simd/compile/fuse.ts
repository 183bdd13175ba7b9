import {
  type Activated,
  isImageStep,
  isMaskedVariable,
  type LoweredOperation,
  type LoweredPlan,
  type Step,
  type SumStep,
} from './steps.ts';

const CHANNEL_AXIS = 3;
/** As planes each input is a call for each image; as they are, one for the batch. */
const MOST_CONCATENATED = 256;

/** Fuses a plan's operations into steps, in the plan's order. */
export function stepsOf(plan: LoweredPlan): Step[] {
  const fuser = new Fuser(plan);
  return plan.operations.flatMap((operation, index) => fuser.step(operation, index) ?? []);
}

class Fuser {
  readonly #plan: LoweredPlan;
  readonly #readers: readonly number[][];
  /** Operations that an earlier step includes. */
  readonly #fused = new Set<number>();
  /** Operations whose results are planes. */
  readonly #images = new Set<number>();

  constructor(plan: LoweredPlan) {
    const readers: number[][] = plan.operations.map(() => []);
    plan.operations.forEach(({ inputs }, index) => {
      for (const input of inputs) readers[input]!.push(index);
    });
    this.#plan = plan;
    this.#readers = readers;
  }

  step(operation: LoweredOperation, index: number): Step | undefined {
    const step = this.#step(operation, index);
    if (isImageStep(step)) this.#images.add(step.output);
    return step;
  }

  #step(operation: LoweredOperation, index: number): Step | undefined {
    const { compute, inputs } = operation;
    if (this.#fused.has(index) || isMaskedVariable(this.#plan, index)) return undefined;
    const [input = 0, weights = 0] = inputs;
    switch (compute.op) {
      case 'Const':
      case 'VariableV2':
      case 'Placeholder':
        return undefined;
      case 'Conv2D': {
        const shared = { input, weights, ...this.#activation(index) };
        const next = this.#soleReader(shared.activated);
        const pool = next !== undefined && this.#plan.operations[next]!.compute;
        const pooling = pool && pool.op === 'MaxPool' ? pool : undefined;
        const output = pooling ? this.#fuse(next!) : shared.activated;
        return { kind: 'convolution', output, ...shared, compute, pooling };
      }
      case 'MatMul': {
        if (compute.transposeA || !this.#isKnown(weights)) break;
        const shared = { input, weights, ...this.#activation(index) };
        return {
          kind: 'fully_connected',
          output: shared.activated,
          ...shared,
          transposed: compute.transposeB,
        };
      }
      case 'MaxPool':
        return { kind: 'pooling', output: index, input, compute };
      case 'LRN':
        return { kind: 'normalization', output: index, input, compute };
      case 'Add':
        if (this.#addsImages(operation)) return this.#sum(index, inputs);
        break;
      case 'ConcatV2':
        if (
          compute.axis === CHANNEL_AXIS &&
          inputs.length <= MOST_CONCATENATED &&
          this.#readsImages(operation)
        )
          return { kind: 'concatenation', output: index, inputs };
    }
    return { kind: 'plain', output: index, operation };
  }

  /** The sum, together with the Adds and the ReLU that directly follow it. */
  #sum(index: number, inputs: readonly number[]): SumStep {
    const next = this.#soleReader(index);
    const reader = next === undefined ? undefined : this.#plan.operations[next]!;
    if (reader?.compute.op === 'Add' && reader.inputs[0] === index && this.#addsImages(reader)) {
      const term = reader.inputs[1]!;
      // A term that is computed between the two Adds does not exist yet when this step runs.
      if (term < index) return this.#sum(this.#fuse(next!), [...inputs, term]);
    }
    const relu = reader?.compute.op === 'Relu';
    return { kind: 'sum', output: relu ? this.#fuse(next!) : index, inputs, relu };
  }

  #addsImages(operation: LoweredOperation): boolean {
    const { inputs, shape } = operation;
    return (
      this.#readsImages(operation) &&
      inputs.every((input) => {
        const { shape: other } = this.#plan.operations[input]!;
        return other.length === shape.length && other.every((extent, axis) => extent === shape[axis]);
      })
    );
  }

  /** Whether all inputs are images of the batch, at least one of them as planes or from the placeholder. */
  #readsImages({ inputs, shape }: LoweredOperation): boolean {
    const { operations } = this.#plan;
    return (
      shape.length === 4 &&
      inputs.every((input) => operations[input]!.shape[0] === -1) &&
      inputs.some((input) => this.#images.has(input) || operations[input]!.compute.op === 'Placeholder')
    );
  }

  /** The bias and the ReLU that follow an operation, as long as no other operation reads what they read. */
  #activation(index: number): Pick<Activated, 'bias' | 'relu' | 'activated'> {
    const bias = this.#bias(index);
    const sum = bias === undefined ? index : this.#fuse(this.#soleReader(index)!);
    const next = this.#soleReader(sum);
    const relu = next !== undefined && this.#plan.operations[next]!.compute.op === 'Relu';
    return { bias, relu, activated: relu ? this.#fuse(next) : sum };
  }

  #bias(index: number): number | undefined {
    const { operations } = this.#plan;
    const reader = this.#soleReader(index);
    const sum = reader === undefined ? undefined : operations[reader]!;
    if (sum?.compute.op !== 'Add') return undefined;
    const { shape } = operations[index]!;
    const term = sum.inputs.find((input) => input !== index);
    if (term === undefined || !this.#isKnown(term)) return undefined;
    const { shape: own } = operations[term]!;
    const values = own.reduce((product, extent) => product * extent, 1);
    const channels = shape.at(-1);
    const fits = values === channels && (own.at(-1) ?? 1) === channels && sum.shape.length === shape.length;
    return fits ? term : undefined;
  }

  /** Whether values are constant or trained, so that they can be packed before the first step. */
  #isKnown(index: number): boolean {
    const { op } = this.#plan.operations[index]!.compute;
    return op === 'Const' || op === 'VariableV2' || isMaskedVariable(this.#plan, index);
  }

  /** The only operation that reads a result; undefined if several do, or if the result is the plan's output. */
  #soleReader(index: number): number | undefined {
    const readers = this.#readers[index]!;
    return readers.length === 1 && index !== this.#plan.output ? readers[0] : undefined;
  }

  #fuse(index: number): number {
    this.#fused.add(index);
    return index;
  }
}
