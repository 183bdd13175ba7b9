import { type DataGradient, dataGradient, type KernelShape, type Residue } from '../conv-taps.ts';
import { Correlation } from '../correlation.ts';
import { type Planes, padCalls, paddedOffset, planes, type Window } from '../planes.ts';
import type { Call } from '../program.ts';
import type { WeightPlaces } from '../taps.ts';
import type { GradientBuffer, GradientPlanes, Gradients } from '../train/gradients.ts';
import type { Position } from '../train/slices.ts';

/** Computes the gradient of a convolution's input. */
export class InputGradient {
  readonly correlations: readonly Correlation[];
  /** Holds the outputs' gradient, padded. */
  readonly buffer: GradientBuffer;
  /** Byte offset of the first output's gradient within `buffer`. */
  readonly start: number;
  /** Bytes from one row, and from one plane, of `buffer` to the next. */
  readonly row: number;
  readonly plane: number;
  readonly #padded: DataGradient['dy'];
  readonly #residues: readonly Residue[];
  readonly #outputs: GradientPlanes;
  readonly #input: GradientPlanes;
  readonly #stride: number;
  readonly #at: Gradients;
  /** Holds the gradient of one residue's inputs; unused if the stride is 1. */
  readonly #residue: GradientBuffer;

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
    const { dy, residues } = dataGradient(at.memory.kernels, input.layout, kernel, stride, window);
    this.#padded = dy;
    this.start = paddedOffset(dy, dy.top, dy.left);
    this.row = dy.row;
    this.plane = dy.plane;
    this.buffer = at.own(dy.bytes, true);
    this.correlations = residues.map(({ taps }) => new Correlation(at.memory, places, taps));
    this.#residues = residues;
    this.#outputs = outputs;
    this.#input = input;
    this.#stride = stride;
    this.#at = at;
    this.#residue = at.own(Math.max(...residues.map((residue) => this.#planesOf(residue).bytes)), false);
  }

  calls(position: Position): Call[] {
    const dy = this.buffer.at(position);
    return [
      ...padCalls(this.#outputs.layout, this.#outputs.at(position), this.#padded, dy),
      ...this.#residues.flatMap((residue, number) =>
        this.#residueCalls(residue, this.correlations[number]!, position),
      ),
    ];
  }

  #residueCalls(residue: Residue, correlation: Correlation, position: Position): Call[] {
    const { start, rows, columns, firstRow, firstColumn } = residue;
    const { channels, row, plane } = this.#input.layout;
    const dx = this.#input.at(position);
    const whole = this.#stride === 1;
    const to = this.#planesOf(residue);
    const y = whole ? dx : this.#residue.at(position);
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

  #planesOf({ rows, columns }: Residue): Planes {
    return planes(this.#at.memory.kernels, this.#input.layout.channels, rows, columns);
  }
}
