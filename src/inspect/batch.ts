import type { KnownValues } from './known-values.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** Divides what a graph computes among the images of its batch. */
export interface Images {
  /** The part of `all` for one image; `all` itself if the batch size does not divide it. */
  each(all: number | undefined): number | undefined;
}

/** Ranks of inputs, from the one whose first axis is most probably the batch. */
const RANKS = [4, 5, 2, 3];
/** Extents of the last axis by which an input of three axes is one image, not a batch. */
const CHANNELS = new Set([1, 3, 4]);

/** The images that a graph's placeholders take. */
export function imagesOf({ order, shapes }: Pick<KnownValues, 'order' | 'shapes'>): Images {
  const placeholders = order.filter(({ op }) => op.startsWith('Placeholder'));
  return imagesIn(
    placeholders.flatMap(({ name }) => {
      const shape = shapes.get(name);
      return shape ? [shape] : [];
    }),
  );
}

/** @param inputs shapes of a model's inputs */
export function imagesIn(inputs: readonly PartialShape[]): Images {
  const ranked = RANKS.flatMap((rank) => inputs.filter(({ length }) => length === rank));
  const [first] = ranked;
  const isOneImage = first?.length === 3 && CHANNELS.has(first[2] ?? 0);
  const count = isOneImage ? 1 : (first?.[0] ?? 1);
  return {
    each: (all) => {
      const share = all === undefined ? all : all / count;
      return Number.isInteger(share) ? share : all;
    },
  };
}
