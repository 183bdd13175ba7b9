import type { NodeDef } from '../wire/protos.ts';
import { parseInput } from './lookup.ts';
import { type Effect, passedFrom } from './passing.ts';

/** The output of a saver's RestoreV2 that gives a tensor. */
export interface Restored {
  /** The RestoreV2. */
  readonly node: NodeDef;
  /** The index of its output. */
  readonly output: number;
}

const THROUGH: readonly Effect[] = ['asserts', 'lists', 'refers'];

/** The RestoreV2 that a value comes from unchanged; undefined if it comes from another operation. */
export function restoredFrom(nodes: ReadonlyMap<string, NodeDef>, value: string): Restored | undefined {
  const { node: name, output } = parseInput(passedFrom(nodes, THROUGH)(value));
  const node = nodes.get(name);
  return node?.op === 'RestoreV2' ? { node, output } : undefined;
}

/** The string at `index` of a constant vector of strings; undefined if the input is no such vector or is shorter. */
export function constantString(
  nodes: ReadonlyMap<string, NodeDef>,
  input: string | undefined,
  index: number,
): string | undefined {
  const value = nodes.get(parseInput(input ?? '').node)?.attr.value?.value;
  const bytes = value?.case === 'tensor' ? value.value.stringVal[index] : undefined;
  return bytes && new TextDecoder().decode(bytes);
}
