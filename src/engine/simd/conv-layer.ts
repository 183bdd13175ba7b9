import type { Conv2dLayer } from '../../model/network.ts';
import { type Buffer, type Buffers, type Position, SLICES } from './buffers.ts';
import type { Constants } from './constants.ts';
import { convInput, forwardTaps, type Steps } from './conv-taps.ts';
import { Correlation } from './correlation.ts';
import type { ImageLayer, ImageTensor } from './image-layer.ts';
import { InputGradient } from './input-gradient.ts';
import type { LayerParameters } from './parameters.ts';
import { clearRowEnds, type PaddedPlanes, padCalls, planes, windowOver } from './planes.ts';
import type { Call, Task } from './program.ts';
import type { Grid } from './taps.ts';
import { gatherBiases, type WeightedLayerPlan } from './weighted.ts';

/** How a convolution stands between its neighbours. */
export interface ConvContext {
  /** Whether any layer before it has weights. */
  readonly needsInputGradient: boolean;
  /** Whether the backward pass reads its output. */
  readonly keepOutput: boolean;
  /** Whether the pooling that follows applies the ReLU's gradient. */
  readonly reluGradientLater: boolean;
}

/** A convolution with bias and activation, one image at a time; weight gradients some images at a time, one sum a slice. */
export class ConvLayer implements ImageLayer, WeightedLayerPlan {
  readonly parameters: LayerParameters<Conv2dLayer>;
  readonly output: ImageTensor;
  readonly correlations: readonly Correlation[];
  readonly #input: ImageTensor;
  readonly #constants: Constants;
  readonly #padded: PaddedPlanes;
  readonly #paddedInput: Buffer;
  readonly #forward: Correlation;
  readonly #forwardGrid: Grid;
  readonly #inputGradient: InputGradient | undefined;
  readonly #appliesReluGradient: boolean;
  readonly #gradients: number;
  readonly #biasGradients: number;
  readonly #scratch: Buffer;

  constructor(
    buffers: Buffers,
    parameters: LayerParameters<Conv2dLayer>,
    input: ImageTensor,
    constants: Constants,
    { needsInputGradient, keepOutput, reluGradientLater }: ConvContext,
  ) {
    const { kernel, stride, activation } = parameters.layer;
    const { memory } = buffers;
    const window = windowOver(input.layout, [kernel[0], kernel[1]], [stride, stride], 'SAME');
    const layout = planes(memory.kernels, kernel[3], window.rows, window.columns);
    const steps: Steps = { strides: [stride, stride], dilations: [1, 1] };
    const places = { weights: parameters.weights.values, mask: parameters.mask };
    this.parameters = parameters;
    this.#input = input;
    this.#constants = constants;
    this.#padded = convInput(memory.kernels, input.layout, kernel, steps, window);
    this.#paddedInput = buffers.perImage(this.#padded.bytes);
    this.#forward = new Correlation(
      memory,
      places,
      forwardTaps(kernel, this.#padded, steps, input.layout, window),
    );
    this.#forwardGrid = {
      rows: layout.rows,
      columns: layout.columns,
      xRow: stride * this.#padded.row,
      yRow: layout.row,
      yPlane: layout.plane,
    };
    this.output = {
      layout,
      value: keepOutput ? buffers.perImage(layout.bytes) : buffers.perSlice(layout.bytes),
      learns: true,
      gradient: needsInputGradient ? buffers.perSlice(layout.bytes) : buffers.perSlot(layout.bytes),
    };
    if (needsInputGradient) {
      const geometry = { kernel, stride, window };
      this.#inputGradient = new InputGradient(buffers, places, geometry, input, this.output, constants);
    }
    this.correlations = [this.#forward, ...(this.#inputGradient?.correlations ?? [])];
    this.#appliesReluGradient = activation === 'relu' && !reluGradientLater;
    this.#gradients = memory.allocate(SLICES * this.#forward.gradientBytes);
    this.#biasGradients = memory.allocate(SLICES * 4 * layout.channels);
    this.#scratch = buffers.perSlice(this.#forward.scratchBytes);
  }

  get name(): string {
    return this.parameters.layer.name;
  }

  forward(at: Position): Call[] {
    const { layer, biases } = this.parameters;
    const x = this.#paddedInput.at(at);
    const y = this.output.value.at(at);
    const floor = this.#constants.floor[layer.activation];
    return [
      ...padCalls(this.#input.layout, this.#input.value.at(at), this.#padded, x),
      ...this.#forward.correlateCalls(x, y, this.#forwardGrid, biases.values, floor),
      ...clearRowEnds(this.output.layout, y),
    ];
  }

  backward(at: Position): Call[] {
    const { layout, value, gradient } = this.output;
    const d = gradient.at(at);
    const relu: Call[] = this.#appliesReluGradient
      ? [{ kernel: 'reluGradient', d, y: value.at(at), count: layout.bytes / 4 }]
      : [];
    return [...relu, ...(this.#inputGradient?.calls(at) ?? clearRowEnds(layout, d))];
  }

  /** Sums the gradients of some images, of which the first is in slot 0, into those of their slice. */
  sumGradients(first: Position, images: number, accumulate: boolean): Call[] {
    const { channels, rows, columns, row, plane } = this.output.layout;
    const source = this.#inputGradient;
    const buffer = source?.dy ?? this.output.gradient;
    const dy = buffer.at(first) + (source?.start ?? 0);
    const grid = {
      ...this.#forwardGrid,
      yRow: source?.layout.row ?? row,
      yPlane: source?.layout.plane ?? plane,
    };
    const biases = this.#biasGradients + first.slice * 4 * channels;
    const sumBiases = (image: number): Call => ({
      kernel: 'sumPlanes',
      source: dy + image * buffer.step,
      sums: biases,
      planes: channels,
      rows,
      columns,
      plane: grid.yPlane,
      row: grid.yRow,
      accumulate: Number(accumulate || image > 0),
    });
    return [
      ...this.#forward.gradientCalls(
        this.#paddedInput.at(first),
        dy,
        grid,
        { images, xImage: this.#paddedInput.step, dyImage: buffer.step, accumulate },
        this.#gradients + first.slice * this.#forward.gradientBytes,
        this.#scratch.at(first),
      ),
      ...Array.from({ length: images }, (_, image) => sumBiases(image)),
    ];
  }

  gatherTasks(slices: number): Task[] {
    const { weights, biases } = this.parameters;
    return [
      ...this.#forward.tasks((range) =>
        this.#forward.gatherCalls(this.#gradients, slices, weights.gradient, range),
      ),
      gatherBiases(biases, this.#biasGradients, slices),
    ];
  }
}
