import type { Slice } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { nodesByName, parseInput } from '../tensorflow/lookup.ts';
import { constantString, type Restored, restoredFrom } from '../tensorflow/restored.ts';
import type { MetaGraphDef, NodeDef } from '../wire/protos.ts';

/** Where a checkpoint holds a variable of its graph. */
export interface SavedEntry {
  readonly name: string;
  /** The part's place, for a variable that is a part of a partitioned one. */
  readonly part?: Part;
}

interface Part {
  /** The shape of the partitioned variable. */
  readonly whole: readonly number[];
  readonly slice: Slice;
}

const ASSIGN = /^Assign(VariableOp)?$/;

/**
 * The entry of a checkpoint from which the graph's own saver restores each variable. A variable that the saver does not
 * restore, and every variable of a graph without a saver, is saved under its own name.
 *
 * @returns entries by the names of variables
 * @throws UserError `graph` if the saver is damaged
 */
export function savedEntries({ graphDef, saverDef }: MetaGraphDef): Map<string, SavedEntry> {
  const nodes = nodesByName(graphDef!);
  const entries = new Map<string, SavedEntry>();
  for (const node of restoring(nodes, saverDef?.restoreOpName ?? '')) {
    if (!ASSIGN.test(node.op) || node.input.length < 2) continue;
    const source = restoredFrom(nodes, node.input[1]!);
    if (source) entries.set(parseInput(node.input[0]!).node, savedEntry(nodes, source));
  }
  return entries;
}

/** The nodes that run when `restoreOp` does. */
function restoring(nodes: ReadonlyMap<string, NodeDef>, restoreOp: string): Set<NodeDef> {
  const first = nodes.get(parseInput(restoreOp).node);
  const reached = new Set(first ? [first] : []);
  // A set's iterator also visits what is added on the way.
  for (const { input } of reached)
    for (const each of input) {
      const producer = nodes.get(parseInput(each).node);
      if (producer) reached.add(producer);
    }
  return reached;
}

function savedEntry(nodes: ReadonlyMap<string, NodeDef>, { node, output }: Restored): SavedEntry {
  const [, names, slices] = node.input;
  const name = constantString(nodes, names, output);
  const slice = constantString(nodes, slices, output);
  if (name === undefined || slice === undefined)
    throw damagedSaver(node, `does not give name and slice of its output ${output}`);
  return slice === '' ? { name } : { name, part: parsePart(node, slice) };
}

/** Parses `5 4 0,3:0,4`: the extents of the whole variable, then start and length along each axis; `-` is a whole axis. */
function parsePart(node: NodeDef, text: string): Part {
  const words = text.split(' ');
  const whole = words.slice(0, -1).map(Number);
  const axes = words
    .at(-1)!
    .split(':')
    .map((axis, index) => (axis === '-' ? [0, whole[index] ?? 0] : axis.split(',').map(Number)));
  const slice = { start: axes.map(([start]) => start ?? -1), shape: axes.map(([, length]) => length ?? -1) };
  const isInside = whole.every(
    (extent, axis) =>
      slice.start[axis]! >= 0 && slice.shape[axis]! >= 0 && slice.start[axis]! + slice.shape[axis]! <= extent,
  );
  if (axes.length === whole.length && isInside) return { whole, slice };
  throw damagedSaver(node, `restores the part "${text}", expected such as "4 3 0,2:0,3"`);
}

function damagedSaver({ name, op }: NodeDef, problem: string): UserError {
  return new UserError(
    'graph',
    `node ${printable(name)} (${printable(op)}) of the graph's saver ${problem}`,
    'The .meta file is damaged: save the checkpoint again.',
  );
}
