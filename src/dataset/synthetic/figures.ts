import type { Distance } from './canvas.ts';

/** A class of the synthetic set: an upright figure of radius `size` pixels around the origin. */
export interface Figure {
  readonly name: string;
  /** The largest rotation in radians after which the figure still belongs to its class. */
  readonly turn: number;
  readonly distance: (size: number) => Distance;
}

const any = Math.PI;
const slight = Math.PI / 12;

/** A rectangle. */
export const box =
  (halfWidth: number, halfHeight: number): Distance =>
  (x, y) =>
    Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);

/** The edge of a figure, as a line of the given width. */
const outline =
  (width: number, figure: Distance): Distance =>
  (x, y) =>
    Math.abs(figure(x, y) + width / 2) - width / 2;

/** Stripes at distances of `period`, each half as wide, across the axis along which `position` is measured. */
const stripe = (position: number, period: number) =>
  Math.abs(position - period * Math.round(position / period)) - period / 4;

/** A round patch of a texture. */
const patch =
  (size: number, texture: (period: number) => Distance): Distance =>
  (x, y) =>
    Math.max(Math.hypot(x, y) - 1.2 * size, texture(0.7 * size)(x, y));

const disc =
  (size: number): Distance =>
  (x, y) =>
    Math.hypot(x, y) - size;

const triangle = (size: number): Distance => {
  const slope = Math.sqrt(3) / 2;
  return (x, y) => Math.max(y, slope * Math.abs(x) - y / 2) - size / 2;
};

const cross = (size: number): Distance => {
  const upright = box(0.3 * size, size);
  return (x, y) => Math.min(upright(x, y), upright(y, x));
};

/**
 * The ten classes, by label. A mirror image belongs to the same class, since training flips pictures. Colours say nothing about the
 * class.
 */
export const FIGURES: readonly Figure[] = [
  { name: 'disc', turn: any, distance: disc },
  { name: 'ring', turn: any, distance: (size) => outline(0.4 * size, disc(size)) },
  { name: 'square', turn: any, distance: (size) => box(0.85 * size, 0.85 * size) },
  { name: 'frame', turn: any, distance: (size) => outline(0.4 * size, box(0.9 * size, 0.9 * size)) },
  { name: 'triangle', turn: any, distance: (size) => triangle(1.1 * size) },
  { name: 'cross', turn: any, distance: cross },
  {
    name: 'horizontal stripes',
    turn: slight,
    distance: (size) => patch(size, (period) => (_, y) => stripe(y, period)),
  },
  {
    name: 'vertical stripes',
    turn: slight,
    distance: (size) => patch(size, (period) => (x) => stripe(x, period)),
  },
  {
    name: 'checkerboard',
    turn: any,
    distance: (size) =>
      patch(size, (period) => (x, y) => {
        const a = stripe(x, 1.2 * period);
        const b = stripe(y, 1.2 * period);
        return Math.max(Math.min(a, b), -Math.max(a, b));
      }),
  },
  {
    name: 'dots',
    turn: any,
    distance: (size) =>
      patch(
        size,
        (period) => (x, y) =>
          Math.hypot(x - period * Math.round(x / period), y - period * Math.round(y / period)) -
          0.28 * period,
      ),
  },
];
