import type { Call, Phase, Task } from '../program.ts';

/** Parts that a step is shared out in, so that threads end at about the same time. */
const PARTS_A_THREAD = 3;

/** What one step does to one item, an image or a block of images, in parts that do not depend on each other. */
export interface Work {
  readonly parts: number;
  calls(item: number, part: number): Call[];
}

/**
 * Steps that treat every item alike and by itself. Where there are items enough for all threads, a task takes one item through all steps,
 * which keeps what they hand on in the nearest cache; where there are not, each step's parts are shared out and the next step waits.
 */
export class Segment {
  readonly items: number;
  /** Whether steps are shared out. */
  readonly split: boolean;
  readonly #threads: number;
  readonly #works: Work[] = [];

  constructor(items: number, threads: number) {
    this.items = items;
    this.split = threads > 1 && items < 2 * threads;
    this.#threads = threads;
  }

  /** Into how many parts a step is to be divided at least, where it can be. */
  get parts(): number {
    return this.split ? Math.ceil((PARTS_A_THREAD * this.#threads) / this.items) : 1;
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  phases(): Phase[] {
    const items = [...Array(this.items).keys()];
    const partsOf = ({ parts }: Work) => [...Array(parts).keys()];
    if (!this.split) {
      return [
        items.map((item) =>
          this.#works.flatMap((work) => partsOf(work).flatMap((part) => work.calls(item, part))),
        ),
      ];
    }
    return this.#works.map((work): Task[] =>
      items.flatMap((item) => partsOf(work).map((part) => work.calls(item, part))),
    );
  }
}

/** Part `part` of `parts` of so many things, of which `unit` must stay together. */
export function share(count: number, parts: number, part: number, unit = 1): { first: number; end: number } {
  const units = Math.ceil(count / unit);
  const bound = (number: number) => Math.min(count, unit * Math.floor((number * units) / parts));
  return { first: bound(part), end: bound(part + 1) };
}
