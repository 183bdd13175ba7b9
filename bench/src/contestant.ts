import type { Materials } from './materials.ts';
import type { Task } from './task.ts';

/** One library, in a process of its own. */
export interface Contestant {
  /** Its name and version, and how it was set up, if not as it comes. */
  readonly description: string;
  /**
   * Does whatever comes before the computation itself; variables start from those of the materials.
   *
   * @returns what is timed
   */
  prepare(task: Task): Promise<() => unknown>;
  /** Logits of all images of the materials; for a training step those after one step from the variables of the materials. */
  logits(task: Task): Promise<Float32Array>;
}

export type OpenContestant = (materials: Materials, threads: number) => Promise<Contestant>;

/** Why a contestant cannot be had here, in one line. */
export class Unavailable extends Error {}
