import type { KnownValues } from './known-values.ts';
import type { PartialShape } from './shapes/partial-shape.ts';

/** How many images a graph takes at once. */
export interface Images {
  /** The share of each image; all, where not known or not evenly shared. */
  each(all: number | undefined): number | undefined;
}

/** Of ranks of inputs the one that most probably has the batch first. */
const RANKS = [4, 5, 2, 3];
/** Of an image that is not in a batch. */
const CHANNELS = new Set([1, 3, 4]);

/** Of a graph's placeholders. */
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
