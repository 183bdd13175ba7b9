import { CHANNELS, IMAGE_SIZE, PLANE_BYTES } from '../records.ts';

/** Red, green and blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/** The distance in pixels from a point to the edge of a figure: negative inside, positive outside. */
export type Distance = (x: number, y: number) => number;

/** A 32x32 RGB picture being drawn, in float planes: red, green, blue. */
export type Canvas = Float32Array;

/** Fills the canvas with a gradient that runs from one colour to another along the direction `angle` (radians). */
export function fillGradient(canvas: Canvas, from: Colour, to: Colour, angle: number): void {
  const dx = Math.cos(angle) / IMAGE_SIZE;
  const dy = Math.sin(angle) / IMAGE_SIZE;
  const middle = IMAGE_SIZE / 2;
  let at = 0;
  for (let c = 0; c < CHANNELS; c++) {
    const range = to[c]! - from[c]!;
    for (let y = -middle; y < middle; y++) {
      for (let x = -middle; x < middle; x++) canvas[at++] = from[c]! + range * (0.5 + x * dx + y * dy);
    }
  }
}

/** Paints a figure over the canvas, its edge blended over one pixel; nothing beyond `reach` of the centre is touched. */
export function paint(
  canvas: Canvas,
  colour: Colour,
  [centreX, centreY]: readonly [number, number],
  reach: number,
  distance: Distance,
): void {
  const first = (centre: number) => Math.max(0, Math.floor(centre - reach));
  const last = (centre: number) => Math.min(IMAGE_SIZE - 1, Math.ceil(centre + reach));
  for (let y = first(centreY); y <= last(centreY); y++) {
    for (let x = first(centreX); x <= last(centreX); x++) {
      const cover = Math.min(1, 0.5 - distance(x - centreX, y - centreY));
      if (cover <= 0) continue;
      for (let c = 0, at = y * IMAGE_SIZE + x; c < CHANNELS; c++, at += PLANE_BYTES) {
        canvas[at] = canvas[at]! + (colour[c]! - canvas[at]!) * cover;
      }
    }
  }
}
