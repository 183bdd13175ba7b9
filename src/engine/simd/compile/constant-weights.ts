import { type KernelMode, kernelMode } from '../kernels/kernel-set.ts';
import { roundUp, type SharedMemory } from '../memory.ts';
import { ComputedWeights } from './computed-weights.ts';
import type { ConvolutionGeometry } from './convolution-geometry.ts';
import { featureTaps, loneShift } from './feature-blocks.ts';
import { positionsOf } from './image-buffer.ts';
import { PackedWeights } from './packed-weights.ts';
import type { FeatureForm, WeightSource } from './placed-graph.ts';
import type { ConvolutionStep, FullyConnectedStep, LoweredPlan, WeightedStep } from './steps.ts';
import type { Weights } from './weights.ts';

/** The weights of a frozen graph. Constant weights are packed once, when the graph is placed. */
export class ConstantWeights implements WeightSource {
  readonly trains = false;
  readonly #memory: SharedMemory;
  readonly #plan: LoweredPlan;
  readonly #mode: KernelMode | undefined;

  /** @param mode the kernels for all layers; default: each layer's sparsity decides */
  constructor(memory: SharedMemory, plan: LoweredPlan, mode?: KernelMode) {
    this.#memory = memory;
    this.#plan = plan;
    this.#mode = mode;
  }

  convolution({ weights }: ConvolutionStep, { taps, kernel }: ConvolutionGeometry): Weights {
    const values = this.#values(weights);
    if (values) return new PackedWeights(this.#memory, values, taps, this.#isDense(values, 'conv2d'));
    return new ComputedWeights(this.#memory, kernel[0] * kernel[1] * kernel[2] * kernel[3], taps);
  }

  fullyConnected({ weights, transposed }: FullyConnectedStep, { form, layout }: FeatureForm): Weights {
    const values = this.#values(weights)!;
    const { shape } = this.#plan.operations[weights]!;
    const channels = transposed ? shape[0]! : shape[1]!;
    const positions = layout ? positionsOf(layout) : [...Array(values.length / channels).keys()];
    const tile = this.#memory.kernels.features;
    const taps = featureTaps(1 << tile.shift, positions, channels, transposed);
    const dense = this.#isDense(values, 'fully_connected');
    return new PackedWeights(this.#memory, values, taps, dense, loneShift(tile, form === 'blocks'));
  }

  bias({ bias }: WeightedStep, channels: number): number {
    const values = new Float32Array(roundUp(channels, this.#memory.kernels.lanes));
    if (bias !== undefined) values.set(this.#values(bias)!);
    return this.#memory.place(values);
  }

  #values(index: number): Float32Array | undefined {
    const { compute } = this.#plan.operations[index]!;
    return compute.op === 'Const' ? compute.values : undefined;
  }

  #isDense(values: Float32Array, kind: 'conv2d' | 'fully_connected'): boolean {
    return (this.#mode ?? kernelMode(this.#memory.kernels, kind, values)).denseOutputs;
  }
}
