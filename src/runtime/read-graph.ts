import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';

const HINT = 'expected a binary GraphDef, as the strip command writes it';

/**
 * Reads a binary GraphDef from a file or from bytes.
 *
 * @throws UserError `file` if the file cannot be read, `graph` if it holds no GraphDef with nodes
 */
export async function readGraphDef(source: string | Uint8Array): Promise<GraphDef> {
  if (typeof source !== 'string') return parseGraphDef(source, 'the graph');
  const bytes = await readFile(source).catch((error: NodeJS.ErrnoException) => {
    throw new UserError('file', `cannot read ${source}: ${reason(error)}`, HINT, { cause: error });
  });
  return parseGraphDef(bytes, source);
}

/** The GraphDef in bytes, which errors call `name`. @throws UserError `graph` as `readGraphDef` */
export function parseGraphDef(bytes: Uint8Array, name: string): GraphDef {
  const graph = tryParse(bytes);
  if (!graph) throw new UserError('graph', `${name} is no frozen graph: its bytes do not parse`, HINT);
  // Nearly any few bytes parse as some message; one without nodes, or with nameless ones, is no graph.
  if (graph.node.length === 0)
    throw new UserError('graph', `${name} is no frozen graph: it has no nodes`, HINT);
  if (graph.node.some(({ name, op }) => name === '' || op === ''))
    throw new UserError('graph', `${name} is no frozen graph: a node has no name or no operation`, HINT);
  return graph;
}

function tryParse(bytes: Uint8Array): GraphDef | undefined {
  try {
    return fromBinary(GraphDefSchema, bytes, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    ERR_FS_FILE_TOO_LARGE: 'it is larger than a GraphDef can be',
  };
  return reasons[code ?? ''] ?? message;
}
