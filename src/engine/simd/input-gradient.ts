import type { Buffer, Buffers, Position } from './buffers.ts';
import type { Constants } from './constants.ts';
import { type DataGradient, type DataGradientPhase, dataGradient, type KernelShape } from './conv-taps.ts';
import { Correlation } from './correlation.ts';
import type { ImageTensor } from './image-layer.ts';
import type { KernelSet } from './kernels/kernel-set.ts';
import { type Planes, padCalls, paddedOffset, planes, type Window } from './planes.ts';
import type { Call } from './program.ts';
import type { WeightPlaces } from './taps.ts';

/** The gradient of a convolution's input. */
export class InputGradient {
  readonly correlations: readonly Correlation[];
  /** The outputs' gradient, padded. */
  readonly dy: Buffer;
  readonly layout: DataGradient['dy'];
  readonly #phases: readonly DataGradientPhase[];
  readonly #input: ImageTensor;
  readonly #output: ImageTensor;
  readonly #stride: number;
  readonly #kernels: KernelSet;
  readonly #constants: Constants;
  /** Holds one phase of the input's gradient; unused where there is but one. */
  readonly #phase: Buffer;

  constructor(
    buffers: Buffers,
    places: WeightPlaces,
    geometry: { readonly kernel: KernelShape; readonly stride: number; readonly window: Window },
    input: ImageTensor,
    output: ImageTensor,
    constants: Constants,
  ) {
    const { kernel, stride, window } = geometry;
    const { kernels } = buffers.memory;
    const { dy, phases } = dataGradient(kernels, input.layout, kernel, stride, window);
    this.layout = dy;
    this.dy = buffers.perSlot(dy.bytes);
    this.correlations = phases.map(({ taps }) => new Correlation(buffers.memory, places, taps));
    this.#phases = phases;
    this.#input = input;
    this.#output = output;
    this.#stride = stride;
    this.#kernels = kernels;
    this.#constants = constants;
    this.#phase = buffers.perSlice(Math.max(...phases.map((phase) => this.#planesOf(phase).bytes)));
  }

  /** Where the first of the outputs' gradients is within `dy`. */
  get start(): number {
    return paddedOffset(this.layout, this.layout.top, this.layout.left);
  }

  calls(at: Position): Call[] {
    const dy = this.dy.at(at);
    return [
      ...padCalls(this.#output.layout, this.#output.gradient.at(at), this.layout, dy),
      ...this.#phases.flatMap((phase, number) => this.#phaseCalls(phase, this.correlations[number]!, at)),
    ];
  }

  #phaseCalls(phase: DataGradientPhase, correlation: Correlation, at: Position): Call[] {
    const { start, rows, columns, firstRow, firstColumn } = phase;
    const { channels, row, plane } = this.#input.layout;
    const { zeros, floor } = this.#constants;
    const dx = this.#input.gradient.at(at);
    const whole = this.#stride === 1;
    const to = this.#planesOf(phase);
    const y = whole ? dx : this.#phase.at(at);
    const grid = { rows, columns, xRow: this.layout.row, yRow: to.row, yPlane: to.plane };
    const correlate = correlation.correlateCalls(this.dy.at(at) + start, y, grid, zeros, floor.none);
    if (whole) return correlate;
    return [
      ...correlate,
      {
        kernel: 'copyStrided',
        source: y,
        target: dx + firstRow * row + 4 * firstColumn,
        planes: channels,
        rows,
        columns,
        sourcePlane: to.plane,
        sourceRow: to.row,
        sourceColumn: 4,
        targetPlane: plane,
        targetRow: this.#stride * row,
        targetColumn: this.#stride * 4,
      },
    ];
  }

  #planesOf({ rows, columns }: DataGradientPhase): Planes {
    return planes(this.#kernels, this.#input.layout.channels, rows, columns);
  }
}
