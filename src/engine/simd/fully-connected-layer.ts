import type { FullyConnectedLayer } from '../../model/network.ts';
import type { Constants } from './constants.ts';
import { Correlation } from './correlation.ts';
import type { FeatureBlocks } from './feature-blocks.ts';
import type { SharedMemory } from './memory.ts';
import type { LayerParameters } from './parameters.ts';
import type { Call, Phase, Task } from './program.ts';
import type { ChannelRange, Grid } from './taps.ts';
import { gatherBiases, type WeightedLayerPlan } from './weighted.ts';

/** Into how many tasks a pass is divided. */
const PARTS = 16;

/** A fully connected layer on a whole batch: the same correlation as a convolution's, with features for channels and images for pixels. */
export class FullyConnected implements WeightedLayerPlan {
  readonly parameters: LayerParameters<FullyConnectedLayer>;
  readonly output: FeatureBlocks;
  readonly correlations: readonly Correlation[];
  readonly #input: FeatureBlocks;
  readonly #constants: Constants;
  readonly #forward: Correlation;
  readonly #backward: Correlation;
  readonly #gradients: number;
  readonly #biasGradients: number;
  readonly #scratch: number;

  constructor(
    memory: SharedMemory,
    parameters: LayerParameters<FullyConnectedLayer>,
    input: FeatureBlocks,
    output: FeatureBlocks,
    constants: Constants,
  ) {
    const { inputs, outputs } = parameters.layer;
    const places = { weights: parameters.weights.values, mask: parameters.mask };
    const features = Array.from({ length: inputs }, (_, feature) => feature);
    const units = Array.from({ length: outputs }, (_, unit) => unit);
    this.parameters = parameters;
    this.output = output;
    this.#input = input;
    this.#constants = constants;
    this.#forward = new Correlation(memory, places, {
      channels: outputs,
      taps: features.map((feature) => feature * input.feature),
      tapIndex: features.map((feature) => feature * outputs),
      channelStep: 1,
    });
    this.#backward = new Correlation(memory, places, {
      channels: inputs,
      taps: units.map((unit) => unit * output.feature),
      tapIndex: units,
      channelStep: outputs,
    });
    this.correlations = [this.#forward, this.#backward];
    this.#gradients = memory.allocate(this.#forward.gradientBytes);
    this.#biasGradients = memory.allocate(4 * outputs);
    this.#scratch = memory.allocate(PARTS * this.#forward.scratchBytes);
  }

  get name(): string {
    return this.parameters.layer.name;
  }

  get hasRelu(): boolean {
    return this.parameters.layer.activation === 'relu';
  }

  forward(images: number): Phase {
    const { layer, biases } = this.parameters;
    const floor = this.#constants.floor[layer.activation];
    const pass = (range: ChannelRange) =>
      this.output.blocksOf(images).flatMap(({ block, rows, columns }) => {
        const [x, y] = [this.#input.value(block), this.output.value(block)];
        return this.#forward.correlateCalls(x, y, this.#grid(rows, columns), biases.values, floor, range);
      });
    return this.#forward.tasks(pass, PARTS);
  }

  /** @param inputRelu whether the input is a fully connected layer's ReLU, whose gradient is applied, too */
  backward(images: number, needsInputGradient: boolean, inputRelu: boolean): Phase {
    const gradients = this.#forward.tasks(
      (range, part) => [...this.#weightGradient(images, range, part), ...this.#biasGradient(images, range)],
      PARTS,
    );
    if (!needsInputGradient) return gradients;
    const { zeros, floor } = this.#constants;
    const inputGradient = (range: ChannelRange) =>
      this.output.blocksOf(images).flatMap(({ block, rows, columns }): Call[] => {
        const [dy, dx] = [this.output.gradient(block), this.#input.gradient(block)];
        const correlate = this.#backward.correlateCalls(
          dy,
          dx,
          this.#grid(rows, columns),
          zeros,
          floor.none,
          range,
        );
        if (!inputRelu) return correlate;
        const offset = range.first * this.#input.feature;
        const count = ((range.end - range.first) * this.#input.feature) / 4;
        return [
          ...correlate,
          { kernel: 'reluGradient', d: dx + offset, y: this.#input.value(block) + offset, count },
        ];
      });
    return [...gradients, ...this.#backward.tasks(inputGradient, PARTS)];
  }

  gatherTasks(): Task[] {
    const { weights, biases } = this.parameters;
    return [
      ...this.#forward.tasks((range) =>
        this.#forward.gatherCalls(this.#gradients, 1, weights.gradient, range),
      ),
      gatherBiases(biases, this.#biasGradients, 1),
    ];
  }

  #weightGradient(images: number, range: ChannelRange, part: number): Call[] {
    const { step } = this.#input;
    return this.output
      .runsOf(images)
      .flatMap(({ block, count, rows, columns }) =>
        this.#forward.gradientCalls(
          this.#input.value(block),
          this.output.gradient(block),
          this.#grid(rows, columns),
          { images: count, xImage: step, dyImage: this.output.step, accumulate: block > 0 },
          this.#gradients,
          this.#scratch + part * this.#forward.scratchBytes,
          range,
        ),
      );
  }

  #biasGradient(images: number, { first, end }: ChannelRange): Call[] {
    const { feature, row } = this.output;
    return this.output.blocksOf(images).map(
      ({ block, rows, columns }): Call => ({
        kernel: 'sumPlanes',
        source: this.output.gradient(block) + first * feature,
        sums: this.#biasGradients + 4 * first,
        planes: end - first,
        rows,
        columns,
        plane: feature,
        row,
        accumulate: Number(block > 0),
      }),
    );
  }

  #grid(rows: number, columns: number): Grid {
    const { feature, row } = this.output;
    return { rows, columns, xRow: row, yRow: row, yPlane: feature };
  }
}
