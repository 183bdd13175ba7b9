import type { NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';
import { type Effect, passedFrom } from './passing.ts';

/** Where a graph's saver reads a tensor. */
export interface Restored {
  /** A RestoreV2. */
  readonly node: NodeDef;
  /** Which of its outputs. */
  readonly output: number;
}

const THROUGH: readonly Effect[] = ['asserts', 'lists', 'refers'];

/** The RestoreV2 that a value comes from as it was read; undefined if it comes from anything else. */
export function restoredFrom(nodes: ReadonlyMap<string, NodeDef>, value: string): Restored | undefined {
  const { node: name, output } = parseInput(passedFrom(nodes, THROUGH)(value));
  const node = nodes.get(name);
  return node?.op === 'RestoreV2' ? { node, output } : undefined;
}

/** One string of a constant vector of strings; undefined where the input is no such, or has none there. */
export function constantString(
  nodes: ReadonlyMap<string, NodeDef>,
  input: string | undefined,
  index: number,
): string | undefined {
  const value = nodes.get(parseInput(input ?? '').node)?.attr.value?.value;
  const bytes = value?.case === 'tensor' ? value.value.stringVal[index] : undefined;
  return bytes && new TextDecoder().decode(bytes);
}
