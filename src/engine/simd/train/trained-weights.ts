import type { ConvolutionGeometry } from '../compile/convolution-geometry.ts';
import { featureTaps } from '../compile/feature-blocks.ts';
import type { WeightSource } from '../compile/placed-graph.ts';
import type { ConvolutionStep, FullyConnectedStep, LoweredPlan, WeightedStep } from '../compile/steps.ts';
import { Correlation } from '../correlation.ts';
import { blockImages } from '../kernels/kernel-set.ts';
import type { SharedMemory } from '../memory.ts';
import type { Taps, WeightPlaces } from '../taps.ts';
import type { LayerParameters } from './parameters.ts';

/** A trained layer's parameters and its forward correlation. */
export interface Trained {
  readonly parameters: LayerParameters;
  /** Computes the forward pass and the gradient of the weights. */
  readonly correlation: Correlation;
}

/** The weights of a network in training. Every step packs them anew. */
export class TrainedWeights implements WeightSource {
  readonly trains = true;
  readonly #memory: SharedMemory;
  readonly #plan: LoweredPlan;
  readonly #parameters: readonly LayerParameters[];
  readonly #trained = new Map<WeightedStep, Trained>();

  constructor(memory: SharedMemory, plan: LoweredPlan, parameters: readonly LayerParameters[]) {
    this.#memory = memory;
    this.#plan = plan;
    this.#parameters = parameters;
  }

  of(step: WeightedStep): Trained {
    return this.#trained.get(step)!;
  }

  /** The addresses of a layer's weights and of their mask. */
  places(step: WeightedStep): WeightPlaces {
    const { weights, mask } = this.#parametersOf(step);
    return { weights: weights.values, mask };
  }

  convolution(step: ConvolutionStep, { taps }: ConvolutionGeometry): Correlation {
    return this.#place(step, taps);
  }

  fullyConnected(step: FullyConnectedStep): Correlation {
    const [inputs, outputs] = this.#parametersOf(step).weights.shape as [number, number];
    const pitch = 4 * blockImages(this.#memory.kernels);
    return this.#place(step, featureTaps(pitch, [...Array(inputs).keys()], outputs, false));
  }

  bias(step: WeightedStep): number {
    return this.#parametersOf(step).biases.values;
  }

  #place(step: WeightedStep, taps: Taps): Correlation {
    const correlation = new Correlation(this.#memory, this.places(step), taps);
    this.#trained.set(step, { parameters: this.#parametersOf(step), correlation });
    return correlation;
  }

  #parametersOf({ weights: product }: WeightedStep): LayerParameters {
    const { operations } = this.#plan;
    const names = operations[product]!.inputs.map((input) => operations[input]!.name);
    return this.#parameters.find(({ weights }) => names.includes(weights.name))!;
  }
}
