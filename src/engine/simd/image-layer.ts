import type { Buffer, Position } from './buffers.ts';
import type { Planes } from './planes.ts';
import type { Call } from './program.ts';

/** What one layer gives the next, image by image. */
export interface ImageTensor {
  readonly layout: Planes;
  readonly value: Buffer;
  /** Whether weights come before it, so that its gradient has a use. */
  readonly learns: boolean;
  /** Gradient of the loss, if it learns; the values that fill its rows up may be anything. */
  readonly gradient: Buffer;
}

/** A layer that works on one image at a time. */
export interface ImageLayer {
  readonly output: ImageTensor;
  forward(at: Position): Call[];
  /** From the output's gradient to the input's, if that has a use. */
  backward(at: Position): Call[];
}
