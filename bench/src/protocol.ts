import type { Task } from './task.ts';

/*
 * A contestant's process takes a request and gives a reply in one line of JSON each, on standard input and output. Its first reply
 * comes unasked, when it is ready. Its standard error is for people.
 */

export type Request =
  | { readonly do: 'logits'; readonly task: Task }
  /** Computes for so many milliseconds without and then with a clock; once at least with it. */
  | { readonly do: 'measure'; readonly task: Task; readonly warmUp: number; readonly duration: number };

export type Reply =
  | { readonly ready: string }
  | { readonly unavailable: string }
  | { readonly logits: readonly number[] }
  /** Milliseconds. */
  | { readonly samples: readonly number[] }
  | { readonly error: string };
