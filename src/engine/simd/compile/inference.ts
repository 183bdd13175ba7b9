import { lower } from '../ops/rules.ts';
import type { Program } from '../program.ts';
import { blockingOf } from './feature-blocks.ts';
import { Lowering } from './lowering.ts';
import type { PlacedGraph } from './placed-graph.ts';
import type { PlainTensor } from './plain-tensor.ts';
import { segmentFor } from './segment.ts';
import { Workspace } from './workspace.ts';

/** A frozen graph compiled for a fixed number of images. */
export interface CompiledGraph {
  readonly program: Program;
  /** Address of the images. */
  readonly images: number;
  readonly output: PlainTensor;
  readonly workspace: Workspace;
}

/** Compiles a graph for `batch` images. @throws UserError `graph`, naming the node, if an operation cannot be computed */
export function compile(graph: PlacedGraph, batch: number, threads: number): CompiledGraph {
  const { memory, plan } = graph;
  const workspace = new Workspace(memory, threads);
  const segment = (count: number) => segmentFor(count, threads);
  const blocking = (images: number) => blockingOf(memory.kernels, images);
  const lowering = new Lowering(
    graph,
    batch,
    workspace,
    { blocking, images: segment, blocks: segment },
    lower,
  );
  return {
    program: lowering.program(false),
    images: lowering.input,
    output: lowering.plain(plan.output),
    workspace,
  };
}
