import type { Call, Phase, Task } from '../program.ts';

/** Parts that a step is shared out in, so that threads end at about the same time. */
const PARTS_A_THREAD = 3;

/** What one step does to one item, an image or a block of images, in parts that do not depend on each other. */
export interface Work {
  readonly parts: number;
  calls(item: number, part: number): Call[];
  /** Copies what the part has given, while it is there, for who observes it. */
  observe?(item: number, part: number): Call[];
}

export interface SegmentOptions {
  /** The items that one task takes, in their order. */
  readonly groups: readonly (readonly number[])[];
  /** Whether steps are shared out. */
  readonly split: boolean;
  /** Into how many parts a step is to be divided at least, where it can be. */
  readonly parts: number;
}

/**
 * Steps that treat every item alike and by itself. Where there are items enough for all threads, a task takes its items through all steps,
 * which keeps what they hand on in the nearest cache; where there are not, each step's parts are shared out and the next step waits.
 */
export class Segment implements SegmentOptions {
  readonly groups: SegmentOptions['groups'];
  readonly split: boolean;
  readonly parts: number;
  readonly items: number;
  readonly #works: Work[] = [];

  constructor({ groups, split, parts }: SegmentOptions) {
    this.groups = groups;
    this.split = split;
    this.parts = parts;
    this.items = groups.reduce((sum, { length }) => sum + length, 0);
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  /** @param observe whether to make the copies, too */
  phases(observe: boolean): Phase[] {
    const partsOf = ({ parts }: Work) => [...Array(parts).keys()];
    const calls = (work: Work, item: number, part: number) =>
      observe && work.observe
        ? [...work.calls(item, part), ...work.observe(item, part)]
        : work.calls(item, part);
    if (!this.split) {
      const all = (item: number) =>
        this.#works.flatMap((work) => partsOf(work).flatMap((part) => calls(work, item, part)));
      return [this.groups.map((items) => items.flatMap(all))];
    }
    return this.#works.map((work): Task[] =>
      this.groups.flatMap((items) =>
        partsOf(work).map((part) => items.flatMap((item) => calls(work, item, part))),
      ),
    );
  }
}

/** For results that do not depend on how items are grouped: as threads are best kept busy. */
export function segmentFor(items: number, threads: number): Segment {
  const split = threads > 1 && items < 2 * threads;
  return new Segment({
    groups: Array.from({ length: items }, (_, item) => [item]),
    split,
    parts: split ? Math.ceil((PARTS_A_THREAD * threads) / items) : 1,
  });
}

/** Part `part` of `parts` of so many things, of which `unit` must stay together. */
export function share(count: number, parts: number, part: number, unit = 1): { first: number; end: number } {
  const units = Math.ceil(count / unit);
  const bound = (number: number) => Math.min(count, unit * Math.floor((number * units) / parts));
  return { first: bound(part), end: bound(part + 1) };
}
