import { type Checkpoint, cutSlice, openExisting } from '../checkpoint/index.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { GraphDef, MetaGraphDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import type { VariableValues } from './freeze-variables.ts';
import { savedEntries } from './saved-entries.ts';
import { neededVariables, type StripOptions, type StripReport, strippedGraph } from './stripped-graph.ts';

export interface StripCheckpointOptions extends StripOptions {
  /** A folder whose newest checkpoint to strip, or the prefix of a checkpoint, such as `DIR/model.ckpt-100`. */
  readonly checkpointDir: string;
  /** When it aborts, reading stops before the next variable and throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface StrippedCheckpoint {
  /** The prefix of the checkpoint. */
  readonly checkpoint: string;
  /** The checkpoint's step, if its name contains it. */
  readonly step: number | undefined;
  readonly graph: GraphDef;
  readonly report: StripReport;
}

/**
 * Freezes the graph that was saved with a checkpoint, with the checkpoint's values.
 *
 * @throws UserError `argument` on an unknown node name, `checkpoint` if the checkpoint is missing, damaged or does not belong
 *   to its graph, `graph` if the graph cannot be frozen
 */
export async function stripCheckpoint({
  checkpointDir,
  signal,
  ...options
}: StripCheckpointOptions): Promise<StrippedCheckpoint> {
  const checkpoint = await openExisting(checkpointDir);
  try {
    const metaGraph = await checkpoint.metaGraph();
    const values = await readVariables(checkpoint, metaGraph, neededVariables(metaGraph, options), signal);
    const { prefix, step } = checkpoint;
    return { checkpoint: prefix, step, ...strippedGraph(metaGraph, values, options) };
  } finally {
    await checkpoint.close();
  }
}

/** The values of those variables of the graph that are in the checkpoint. */
async function readVariables(
  checkpoint: Checkpoint,
  metaGraph: MetaGraphDef,
  variables: readonly string[],
  signal: AbortSignal | undefined,
): Promise<VariableValues> {
  const entries = savedEntries(metaGraph);
  const values = new Map<string, Tensor>();
  for (const variable of variables) {
    const { name, part } = entries.get(variable) ?? { name: variable };
    if (!checkpoint.has(name)) continue;
    signal?.throwIfAborted();
    const tensor = await checkpoint.read(name);
    if (part && part.whole.join() !== tensor.shape.join())
      throw new UserError(
        'checkpoint',
        `variable ${printable(variable)} is a part of ${printable(name)}, which has shape [${tensor.shape}] in the checkpoint, expected [${part.whole}]`,
        'Check that graph and checkpoint belong together.',
      );
    values.set(variable, part ? cutSlice(tensor, part.slice) : tensor);
  }
  return values;
}
