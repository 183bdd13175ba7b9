import type { KernelShape } from '../conv-taps.ts';
import type { SharedMemory } from '../memory.ts';
import { type Planes, planes } from '../planes.ts';
import { type ConvolutionGeometry, placeWindow } from './convolution-geometry.ts';
import { stepsOf } from './fuse.ts';
import { compactLayout, type ImageLayout, paddedLayout, plainLayout } from './image-buffer.ts';
import { featureSource, type Need, needsOf, paddingReader } from './needs.ts';
import {
  type ConvolutionStep,
  type FullyConnectedStep,
  isImageStep,
  type LoweredPlan,
  type NormalizationStep,
  type Step,
  type WeightedStep,
} from './steps.ts';
import type { Weights } from './weights.ts';

/** The form in which a fully connected layer finds its features: planes (`images`), another layer's features, or row-major values. */
export interface FeatureForm {
  readonly source: number;
  readonly form: 'images' | 'blocks' | 'plain';
  /** The layout of the planes. */
  readonly layout?: ImageLayout;
}

/** Places the weights and biases of steps in memory. Biases are padded to whole vectors. */
export interface WeightSource {
  /** Whether a backward pass follows. */
  readonly trains: boolean;
  convolution(step: ConvolutionStep, plan: ConvolutionGeometry): Weights;
  fullyConnected(step: FullyConnectedStep, form: FeatureForm): Weights;
  /** Address of a step's biases, one per channel. */
  bias(step: WeightedStep, channels: number): number;
}

/** Batch-independent state of a graph: constants, weights, layouts. */
export class PlacedGraph {
  readonly plan: LoweredPlan;
  readonly steps: readonly Step[];
  readonly memory: SharedMemory;
  readonly trains: boolean;
  readonly #needs: readonly Need[];
  readonly #producers: ReadonlyMap<number, Step>;
  readonly #convolutions = new Map<ConvolutionStep, ConvolutionGeometry>();
  readonly #weights = new Map<WeightedStep, Weights>();
  readonly #biases = new Map<WeightedStep, number>();
  readonly #lrn = new Map<NormalizationStep, number>();
  readonly #constants = new Map<number, number>();
  /** Addresses of a layer's lowest output: 0 with ReLU, -Infinity without. */
  readonly #floors: { readonly relu: number; readonly none: number };

  constructor(memory: SharedMemory, plan: LoweredPlan, source: WeightSource) {
    const { live, needs } = needsOf(plan, stepsOf(plan), source.trains);
    this.plan = plan;
    this.steps = live;
    this.memory = memory;
    this.trains = source.trains;
    this.#needs = needs;
    this.#producers = new Map(live.map((step) => [step.output, step]));
    this.#floors = {
      relu: memory.place(Float32Array.of(0)),
      none: memory.place(Float32Array.of(Number.NEGATIVE_INFINITY)),
    };
    for (const step of live) {
      if (step.kind !== 'convolution') continue;
      const kernel = plan.operations[step.weights]!.shape as KernelShape;
      this.#convolutions.set(
        step,
        placeWindow(memory.kernels, step.compute, this.planesOf(step.input), kernel),
      );
    }
    for (const step of live) {
      if (step.kind === 'normalization') {
        const { bias, alpha, beta } = step.compute;
        this.#lrn.set(step, memory.place(Float32Array.of(bias, alpha, beta)));
      }
      if (step.kind !== 'convolution' && step.kind !== 'fully_connected') continue;
      const weights =
        step.kind === 'convolution'
          ? source.convolution(step, this.convolution(step))
          : source.fullyConnected(step, this.featureForm(step));
      this.#weights.set(step, weights);
      this.#biases.set(step, source.bias(step, weights.channels));
    }
    plan.operations.forEach(({ compute }, index) => {
      if (compute.op === 'Const' && needs[index]!.plain)
        this.#constants.set(index, memory.place(Float32Array.from(compute.values)));
    });
  }

  need(index: number): Need {
    return this.#needs[index]!;
  }

  /** The step that gives an operation's result; undefined for the placeholder, constants and variables. */
  producer(index: number): Step | undefined {
    return this.#producers.get(index);
  }

  /** Address of a constant that steps read row-major; undefined for anything else. */
  constant(index: number): number | undefined {
    return this.#constants.get(index);
  }

  convolution(step: ConvolutionStep): ConvolutionGeometry {
    return this.#convolutions.get(step)!;
  }

  weights(step: WeightedStep): Weights {
    return this.#weights.get(step)!;
  }

  /** Address of a normalization's bias, alpha and beta. */
  lrnParameters(step: NormalizationStep): number {
    return this.#lrn.get(step)!;
  }

  /** Addresses of a layer's biases and of its lowest output. */
  activation(step: WeightedStep): { bias: number; floor: number } {
    return { bias: this.#biases.get(step)!, floor: this.floor(step.relu) };
  }

  floor(relu: boolean): number {
    return this.#floors[relu ? 'relu' : 'none'];
  }

  /** The layout of an operation's images. */
  layout(index: number): ImageLayout {
    const image = this.planesOf(index);
    const need = this.#needs[index]!;
    const producer = this.producer(index);
    const reader = paddingReader(need);
    if (reader && producer?.kind !== 'sum' && !this.#goesWithGradient(index))
      return paddedLayout(image, this.convolution(reader).padded);
    const inOrder =
      producer?.kind === 'pooling' || (producer?.kind === 'convolution' && image.columns === image.filled);
    const isCompact = !this.trains && need.images.length === 0 && inOrder;
    return isCompact ? compactLayout(image) : plainLayout(image);
  }

  /** Whether a convolution reads its padded input where the producer writes it, without a copy. */
  readsInPlace(step: ConvolutionStep): boolean {
    return this.layout(step.input).padded && paddingReader(this.#needs[step.input]!) === step;
  }

  /** Whether the backward pass reads an operation's images, so that the forward pass must keep them. */
  keeps(index: number): boolean {
    if (!this.trains) return false;
    const readers = this.#needs[index]!.images;
    return (
      this.#goesWithGradient(index) ||
      readers.some((step) => step.kind === 'convolution' && this.readsInPlace(step))
    );
  }

  /** The form in which a fully connected layer finds its features. In training this is never planes: gradients come as row-major values. */
  featureForm({ input }: FullyConnectedStep): FeatureForm {
    const source = featureSource(this.plan, input);
    const producer = this.producer(source);
    if (producer?.kind === 'fully_connected') return { source, form: 'blocks' };
    if (this.trains || !isImageStep(producer)) return { source, form: 'plain' };
    return { source, form: 'images', layout: this.layout(source) };
  }

  planesOf(index: number): Planes {
    const [, rows, columns, channels] = this.plan.operations[index]!.shape;
    return planes(this.memory.kernels, channels!, rows!, columns!);
  }

  /** Whether kernels of the backward pass read an operation's images together with their gradient, so that both must have one layout. */
  #goesWithGradient(index: number): boolean {
    if (!this.trains) return false;
    const producer = this.producer(index);
    const isProduct = producer?.kind === 'convolution' || producer?.kind === 'sum';
    return (
      producer?.kind === 'pooling' ||
      (producer?.kind === 'convolution' && producer.pooling !== undefined) ||
      (isProduct && producer.relu) ||
      this.#needs[index]!.images.some(({ kind }) => kind === 'normalization')
    );
  }
}
