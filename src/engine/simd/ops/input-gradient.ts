import { type DataGradient, type DataGradientPhase, dataGradient, type KernelShape } from '../conv-taps.ts';
import { Correlation } from '../correlation.ts';
import { type Planes, padCalls, paddedOffset, planes, type Window } from '../planes.ts';
import type { Call } from '../program.ts';
import type { WeightPlaces } from '../taps.ts';
import type { GradientBuffer, GradientPlanes, Gradients } from '../train/gradients.ts';
import type { Position } from '../train/slices.ts';

/** The gradient of a convolution's input. */
export class InputGradient {
  readonly correlations: readonly Correlation[];
  /** The outputs' gradient, padded. */
  readonly buffer: GradientBuffer;
  /** Where the first of the outputs' gradients is within it. */
  readonly start: number;
  /** Bytes from one of its rows, and from one of its planes, to the next. */
  readonly row: number;
  readonly plane: number;
  readonly #padded: DataGradient['dy'];
  readonly #phases: readonly DataGradientPhase[];
  readonly #outputs: GradientPlanes;
  readonly #input: GradientPlanes;
  readonly #stride: number;
  readonly #at: Gradients;
  /** Holds one phase of the input's gradient; unused where there is but one. */
  readonly #phase: GradientBuffer;

  constructor(
    at: Gradients,
    places: WeightPlaces,
    {
      kernel,
      stride,
      window,
    }: { readonly kernel: KernelShape; readonly stride: number; readonly window: Window },
    outputs: GradientPlanes,
    input: GradientPlanes,
  ) {
    const { dy, phases } = dataGradient(at.memory.kernels, input.layout, kernel, stride, window);
    this.#padded = dy;
    this.start = paddedOffset(dy, dy.top, dy.left);
    this.row = dy.row;
    this.plane = dy.plane;
    this.buffer = at.own(dy.bytes, true);
    this.correlations = phases.map(({ taps }) => new Correlation(at.memory, places, taps));
    this.#phases = phases;
    this.#outputs = outputs;
    this.#input = input;
    this.#stride = stride;
    this.#at = at;
    this.#phase = at.own(Math.max(...phases.map((phase) => this.#planesOf(phase).bytes)), false);
  }

  calls(position: Position): Call[] {
    const dy = this.buffer.at(position);
    return [
      ...padCalls(this.#outputs.layout, this.#outputs.at(position), this.#padded, dy),
      ...this.#phases.flatMap((phase, number) =>
        this.#phaseCalls(phase, this.correlations[number]!, position),
      ),
    ];
  }

  #phaseCalls(phase: DataGradientPhase, correlation: Correlation, position: Position): Call[] {
    const { start, rows, columns, firstRow, firstColumn } = phase;
    const { channels, row, plane } = this.#input.layout;
    const dx = this.#input.at(position);
    const whole = this.#stride === 1;
    const to = this.#planesOf(phase);
    const y = whole ? dx : this.#phase.at(position);
    const grid = { rows, columns, xRow: this.row, yRow: to.row, yPlane: to.plane };
    const { zeros, noFloor } = this.#at;
    const correlate = correlation.correlate(this.buffer.at(position) + start, y, grid, zeros, noFloor);
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
    return planes(this.#at.memory.kernels, this.#input.layout.channels, rows, columns);
  }
}
