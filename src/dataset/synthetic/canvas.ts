import { CIFAR10_FORMAT } from '../cifar10-format.ts';
import { planeBytes } from '../record-format.ts';

const { channels: CHANNELS } = CIFAR10_FORMAT;
/** Height and width of a canvas in pixels. */
export const CANVAS_SIZE = CIFAR10_FORMAT.height;
const PLANE_BYTES = planeBytes(CIFAR10_FORMAT);

/** Red, green and blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/** The distance in pixels from a point to the edge of a figure: negative inside, positive outside. */
export type Distance = (x: number, y: number) => number;

/** A picture that is being drawn, of CIFAR-10's size: float planes of red, green and blue, 0 to 255. */
export type Canvas = Float32Array;

/** Fills the canvas with a gradient from one colour to another, in the direction `angle` (radians). */
export function fillGradient(canvas: Canvas, from: Colour, to: Colour, angle: number): void {
  const dx = Math.cos(angle) / CANVAS_SIZE;
  const dy = Math.sin(angle) / CANVAS_SIZE;
  const middle = CANVAS_SIZE / 2;
  let at = 0;
  for (let c = 0; c < CHANNELS; c++) {
    const range = to[c]! - from[c]!;
    for (let y = -middle; y < middle; y++) {
      for (let x = -middle; x < middle; x++) canvas[at++] = from[c]! + range * (0.5 + x * dx + y * dy);
    }
  }
}

/** Paints a figure with an edge that is blended over one pixel. Leaves pixels farther than `reach` from the centre as they are. */
export function paint(
  canvas: Canvas,
  colour: Colour,
  [centreX, centreY]: readonly [number, number],
  reach: number,
  distance: Distance,
): void {
  const first = (centre: number) => Math.max(0, Math.floor(centre - reach));
  const last = (centre: number) => Math.min(CANVAS_SIZE - 1, Math.ceil(centre + reach));
  for (let y = first(centreY); y <= last(centreY); y++) {
    for (let x = first(centreX); x <= last(centreX); x++) {
      const cover = Math.min(1, 0.5 - distance(x - centreX, y - centreY));
      if (cover <= 0) continue;
      for (let c = 0, at = y * CANVAS_SIZE + x; c < CHANNELS; c++, at += PLANE_BYTES) {
        canvas[at] = canvas[at]! + (colour[c]! - canvas[at]!) * cover;
      }
    }
  }
}
