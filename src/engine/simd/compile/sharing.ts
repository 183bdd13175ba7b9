import type { Blocking } from './feature-blocks.ts';
import type { Segment } from './segment.ts';
import type { Step } from './steps.ts';

/** How tasks share a batch. */
export interface Sharing {
  /** How so many images are divided into blocks. */
  blocking(images: number): Blocking;
  /** A segment of so many images. */
  images(count: number): Segment;
  /** A segment of so many blocks. */
  blocks(count: number): Segment;
}

/**
 * The segments of steps that are in one: neighbours on the same kind and number of items share it.
 *
 * @param extentOf the first extent of a result
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
