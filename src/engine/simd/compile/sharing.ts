import type { Blocking } from './feature-blocks.ts';
import type { Segment } from './segment.ts';
import type { Step } from './steps.ts';

/** How a batch is divided into blocks, and images or blocks into tasks. */
export interface Sharing {
  /** How this many images are divided into blocks. */
  blocking(images: number): Blocking;
  /** A new segment of steps that each treat `count` images. */
  images(count: number): Segment;
  /** A new segment of steps that each treat `count` blocks. */
  blocks(count: number): Segment;
}

/**
 * The segment of each step, apart from plain steps, which have none. Neighbouring steps that treat the same kind and number of items
 * share a segment.
 *
 * @param extentOf returns the first extent of an operation's result
 */
export function segmentsOf(
  steps: readonly Step[],
  sharing: Sharing,
  extentOf: (index: number) => number,
): Map<Step, Segment> {
  const segments = new Map<Step, Segment>();
  let last: { kind: 'images' | 'blocks'; segment: Segment } | undefined;
  for (const step of steps) {
    if (step.kind === 'plain') {
      last = undefined;
      continue;
    }
    const isBlocks = step.kind === 'fully_connected';
    const kind = isBlocks ? 'blocks' : 'images';
    const items = isBlocks ? sharing.blocking(extentOf(step.input)).blocks : extentOf(step.output);
    if (last?.kind !== kind || last.segment.items !== items) last = { kind, segment: sharing[kind](items) };
    segments.set(step, last.segment);
  }
  return segments;
}
