import { sinks } from '../runtime/order.ts';
import { unknownNode } from '../tensorflow/unknown-node.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { EncodeOptions } from './format.ts';

/**
 * The output nodes of an export: those that the options name, or else those that no other node reads.
 *
 * @throws UserError `graph` if one that is named is not there
 */
export function outputsOf(graph: GraphDef, { outputs }: EncodeOptions): readonly string[] {
  const names = new Set(graph.node.map(({ name }) => name));
  const missing = outputs?.find((name) => !names.has(name));
  if (missing === undefined) return outputs ?? sinks(graph);
  throw unknownNode(graph, missing);
}

/** The name of a file without its extension: `a/b.c` for `a/b.c.pb`. */
export function stem(filename: string): string {
  return filename.replace(/\.[^./\\]+$/, '');
}
