import type { Call, Phase, Task } from '../program.ts';

/** Parts per thread into which a step is split: with several, threads finish at about the same time. */
const PARTS_A_THREAD = 3;

/** What a step does to each item, which is an image or a block of images. Parts of it do not depend on each other. */
export interface Work {
  readonly parts: number;
  calls(item: number, part: number): Call[];
  /** Calls that copy the part's output for an observed step. They run right after the part, before its memory is reused. */
  observe?(item: number, part: number): Call[];
}

export interface SegmentOptions {
  /** The number of images or of blocks. */
  readonly items: number;
  /** For each task the items that it takes, in order. Called once memory for them has been found. */
  groups(): readonly (readonly number[])[];
  /** Whether several tasks share the parts of a step. */
  readonly split: boolean;
  /** The number of parts into which a step should be split, if it can. */
  readonly parts: number;
}

/**
 * Steps that compute each item independently of the others. If there are enough items for all threads, a task takes its items through
 * all steps, so that results between steps stay in the nearest cache. If not, tasks share the parts of each step, one phase per step.
 */
export class Segment {
  readonly items: number;
  readonly split: boolean;
  readonly parts: number;
  readonly #groups: SegmentOptions['groups'];
  readonly #works: Work[] = [];

  constructor({ items, groups, split, parts }: SegmentOptions) {
    this.items = items;
    this.split = split;
    this.parts = parts;
    this.#groups = groups;
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  /** @param observe whether to include the calls of `Work.observe` */
  phases(observe: boolean): Phase[] {
    const partsOf = ({ parts }: Work) => [...Array(parts).keys()];
    const calls = (work: Work, item: number, part: number) =>
      observe && work.observe
        ? [...work.calls(item, part), ...work.observe(item, part)]
        : work.calls(item, part);
    const groups = this.#groups();
    if (!this.split) {
      const all = (item: number) =>
        this.#works.flatMap((work) => partsOf(work).flatMap((part) => calls(work, item, part)));
      return [groups.map((items) => items.flatMap(all))];
    }
    return this.#works.map((work): Task[] =>
      groups.flatMap((items) =>
        partsOf(work).map((part) => items.flatMap((item) => calls(work, item, part))),
      ),
    );
  }
}

/** A segment that keeps all threads busy. Only for steps whose results do not depend on how items are grouped. */
export function segmentFor(items: number, threads: number): Segment {
  const split = threads > 1 && items < 2 * threads;
  return new Segment({
    items,
    groups: () => Array.from({ length: items }, (_, item) => [item]),
    split,
    parts: split ? Math.ceil((PARTS_A_THREAD * threads) / items) : 1,
  });
}

/** Part number `part` when `count` things are divided into `parts`, in multiples of `unit`. */
export function share(count: number, parts: number, part: number, unit = 1): { first: number; end: number } {
  const units = Math.ceil(count / unit);
  const bound = (number: number) => Math.min(count, unit * Math.floor((number * units) / parts));
  return { first: bound(part), end: bound(part + 1) };
}
