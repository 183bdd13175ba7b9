import { sinks } from '../runtime/order.ts';
import type { GraphDef } from '../wire/protos.ts';
import type { EncodeOptions } from './format.ts';

/** The nodes whose values an export gives: those named, or else those that no other node reads. */
export function outputsOf(graph: GraphDef, { outputs }: EncodeOptions): readonly string[] {
  return outputs ?? sinks(graph);
}

/** The name of a file without what its last dot starts: `a/b.c.pb` is `a/b.c`. */
export function stem(filename: string): string {
  return filename.replace(/\.[^./\\]+$/, '');
}
