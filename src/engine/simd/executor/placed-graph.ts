import type { GraphPlan } from '../../graph-plan.ts';
import { type Floors, placeFloors } from '../constants.ts';
import type { KernelShape } from '../conv-taps.ts';
import { type KernelMode, type KernelSet, kernelMode } from '../kernels/kernel-set.ts';
import { roundUp, type SharedMemory } from '../memory.ts';
import type { Planes } from '../planes.ts';
import { planes } from '../planes.ts';
import { ComputedWeights } from './computed-weights.ts';
import { featureTaps, loneShift } from './fully-connected.ts';
import { compactLayout, type ImageLayout, paddedLayout, plainLayout, positionsOf } from './image-buffer.ts';
import { type ConvolutionPlan, planConvolution } from './images.ts';
import { featureSource, isImageStep, type Need, needsOf, paddingReader } from './needs.ts';
import { PackedWeights, type Weights } from './packed-weights.ts';
import { sizeOf } from './plain.ts';
import {
  type ConvolutionStep,
  type FullyConnectedStep,
  type NormalizationStep,
  type Step,
  stepsOf,
} from './steps.ts';

/** Batch-independent state of a graph: constants, packed weights, layouts. */
export class PlacedGraph {
  readonly plan: GraphPlan;
  readonly steps: readonly Step[];
  readonly memory: SharedMemory;
  readonly #needs: readonly Need[];
  readonly #convolutions: ReadonlyMap<ConvolutionStep, ConvolutionPlan>;
  readonly #packed = new Map<FullyConnectedStep, PackedWeights>();
  readonly #kernels = new Map<ConvolutionStep, Weights>();
  readonly #biases = new Map<Step, number>();
  readonly #lrn = new Map<NormalizationStep, number>();
  readonly #constants = new Map<number, number>();
  readonly #floor: Floors;

  /** @param mode which kernels compute a layer, instead of what its sparsity suggests */
  constructor(memory: SharedMemory, plan: GraphPlan, mode?: KernelMode) {
    const { live, needs } = needsOf(plan, stepsOf(plan));
    this.plan = plan;
    this.steps = live;
    this.memory = memory;
    this.#needs = needs;
    this.#floor = placeFloors(memory);
    this.#convolutions = new Map(
      live
        .filter((step) => step.kind === 'convolution')
        .map((step) => {
          const kernel = plan.operations[step.weights]!.shape as KernelShape;
          return [step, planConvolution(memory.kernels, step, this.#planesOf(step.input), kernel)];
        }),
    );
    for (const step of live) {
      if (step.kind === 'convolution' || step.kind === 'fully_connected') this.#placeWeights(step, mode);
      if (step.kind === 'normalization') {
        const { bias, alpha, beta } = step.compute;
        this.#lrn.set(step, memory.place(Float32Array.of(bias, alpha, beta)));
      }
    }
    plan.operations.forEach(({ compute }, index) => {
      if (compute.op === 'Const' && needs[index]!.plain)
        this.#constants.set(index, memory.place(Float32Array.from(compute.values)));
    });
  }

  need(index: number): Need {
    return this.#needs[index]!;
  }

  /** Offset of a constant that is read as it is. */
  constant(index: number): number | undefined {
    return this.#constants.get(index);
  }

  convolution(step: ConvolutionStep): ConvolutionPlan {
    return this.#convolutions.get(step)!;
  }

  weights(step: ConvolutionStep): Weights {
    return this.#kernels.get(step)!;
  }

  packedWeights(step: FullyConnectedStep): PackedWeights {
    return this.#packed.get(step)!;
  }

  /** Offset of a normalization's bias, alpha and beta. */
  lrnParameters(step: NormalizationStep): number {
    return this.#lrn.get(step)!;
  }

  /** Offsets of a layer's biases, and of the lowest output that it may have. */
  activation(step: ConvolutionStep | FullyConnectedStep): { bias: number; floor: number } {
    return { bias: this.#biases.get(step)!, floor: this.#floor[step.relu ? 'relu' : 'none'] };
  }

  /** How the images lie that an operation gives. */
  layout(index: number): ImageLayout {
    const image = this.#planesOf(index);
    const need = this.#needs[index]!;
    const reader = paddingReader(need);
    if (reader) return paddedLayout(image, this.convolution(reader).padded);
    const producer = this.#producer(index);
    const inOrder =
      producer?.kind === 'pooling' || (producer?.kind === 'convolution' && image.columns === image.filled);
    return need.images.length === 0 && inOrder ? compactLayout(image) : plainLayout(image);
  }

  #producer(index: number): Step | undefined {
    return this.steps.find(({ output }) => output === index);
  }

  /** What lies where each image's features are: planes, another layer's features, or values as they are. */
  featureForm(step: FullyConnectedStep): { source: number; form: 'images' | 'blocks' | 'plain' } {
    const source = featureSource(this.plan, step.input);
    const producer = this.#producer(source);
    if (isImageStep(producer)) return { source, form: 'images' };
    return { source, form: producer?.kind === 'fully_connected' ? 'blocks' : 'plain' };
  }

  #planesOf(index: number): Planes {
    const [, rows, columns, channels] = this.plan.operations[index]!.shape;
    return planes(this.memory.kernels, channels!, rows!, columns!);
  }

  #placeWeights(step: ConvolutionStep | FullyConnectedStep, mode: KernelMode | undefined): void {
    const { memory } = this;
    const { compute, shape } = this.plan.operations[step.weights]!;
    const channels = step.kind === 'fully_connected' && step.transposed ? shape[0]! : shape.at(-1)!;
    const bias = new Float32Array(roundUp(channels, memory.kernels.lanes));
    if (step.bias) bias.set(step.bias);
    this.#biases.set(step, memory.place(bias));
    const values = compute.op === 'Const' ? compute.values : undefined;
    if (step.kind === 'convolution') {
      const { taps } = this.convolution(step);
      const weights = values
        ? new PackedWeights(memory, values, taps, isDense(memory.kernels, values, 'conv2d', mode))
        : new ComputedWeights(memory, sizeOf(shape), taps);
      this.#kernels.set(step, weights);
    } else {
      const { source, form } = this.featureForm(step);
      const positions =
        form === 'images' ? positionsOf(this.layout(source)) : [...Array(sizeOf(shape) / channels).keys()];
      const tile = memory.kernels.features;
      const taps = featureTaps(tile, positions, channels, step.transposed);
      const dense = isDense(memory.kernels, values!, 'fully_connected', mode);
      const shift = loneShift(tile, form === 'blocks');
      this.#packed.set(step, new PackedWeights(memory, values!, taps, dense, shift));
    }
  }
}

function isDense(
  kernels: KernelSet,
  values: Float32Array,
  kind: 'conv2d' | 'fully_connected',
  mode?: KernelMode,
): boolean {
  const zeros = values.reduce((count, value) => count + Number(value === 0), 0);
  return (mode ?? kernelMode(kernels, kind, zeros / values.length)).denseOutputs;
}

/** Values of each of the things along a tensor's first axis. */
export function itemSize(shape: readonly number[]): number {
  return sizeOf(shape.slice(1));
}
