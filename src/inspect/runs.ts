import { parseInput, tensorInputs } from '../tensorflow/lookup.ts';
import type { NodeDef } from '../wire/protos.ts';
import type { InlinedGraph } from './inlined-graph.ts';
import type { Runs } from './model.ts';

/** The number of loops and branches of TensorFlow 1 around a node. */
interface Depth {
  readonly loops: number;
  readonly branches: number;
}

/**
 * How often the nodes of a graph run. Loops of TensorFlow 1 are between Enter and Exit, branches between Switch and Merge. Branches
 * inside a loop are not distinguished from the loop's own Switch and Merge.
 *
 * @param order every node after those that it reads
 */
export function runsIn(
  order: readonly NodeDef[],
  { runs }: Pick<InlinedGraph, 'runs'>,
): (node: NodeDef) => Runs | undefined {
  const depths = new Map<string, Depth>();
  for (const node of order) depths.set(node.name, depthOf(node, depths));
  return ({ name }) => {
    const { loops, branches } = depths.get(name)!;
    if (loops > 0) return 'per iteration';
    return runs.get(name) ?? (branches > 0 ? 'in a branch' : undefined);
  };
}

function depthOf(node: NodeDef, depths: ReadonlyMap<string, Depth>): Depth {
  let [loops, branches] = [0, 0];
  for (const input of tensorInputs(node)) {
    const outside = depths.get(parseInput(input).node);
    loops = Math.max(loops, outside?.loops ?? 0);
    branches = Math.max(branches, outside?.branches ?? 0);
  }
  switch (node.op.replace(/^Ref/, '')) {
    case 'Enter':
      return { loops: loops + 1, branches };
    case 'Exit':
      return { loops: Math.max(0, loops - 1), branches };
    case 'Switch':
      return { loops, branches: loops > 0 ? branches : branches + 1 };
    case 'Merge':
      return { loops, branches: loops > 0 ? branches : Math.max(0, branches - 1) };
    default:
      return { loops, branches };
  }
}
