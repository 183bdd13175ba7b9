import { type Checkpoint, existingCheckpoint, openCheckpoint, readMetaGraph } from '../checkpoint/index.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import type { VariableValues } from './freeze-variables.ts';
import { neededVariables, type StripOptions, type StripReport, strippedGraph } from './stripped-graph.ts';

export interface StripCheckpointOptions extends StripOptions {
  /** A folder, whose newest checkpoint is stripped, or the prefix of a checkpoint such as `DIR/model.ckpt-100`. */
  readonly checkpointDir: string;
}

export interface StrippedCheckpoint {
  /** The prefix of the checkpoint. */
  readonly checkpoint: string;
  /** The checkpoint's step, if its name tells. */
  readonly step: number | undefined;
  readonly graph: GraphDef;
  readonly report: StripReport;
}

/**
 * Freezes the graph that was saved with a checkpoint, with the checkpoint's values.
 *
 * @throws UserError `argument` on an unknown node name, `checkpoint` if it is missing or damaged or does not belong to its
 *   graph, `graph` where the graph cannot be frozen
 */
export async function strip({
  checkpointDir,
  ...options
}: StripCheckpointOptions): Promise<StrippedCheckpoint> {
  const prefix = await existingCheckpoint(checkpointDir);
  const metaGraph = await readMetaGraph(prefix);
  const checkpoint = await openCheckpoint(prefix);
  const values = await readThose(checkpoint, neededVariables(metaGraph, options));
  return { checkpoint: prefix, step: checkpoint.step, ...strippedGraph(metaGraph, values, options) };
}

async function readThose(checkpoint: Checkpoint, names: readonly string[]): Promise<VariableValues> {
  const values = new Map<string, Tensor>();
  for (const name of names) if (checkpoint.has(name)) values.set(name, await checkpoint.read(name));
  return values;
}
