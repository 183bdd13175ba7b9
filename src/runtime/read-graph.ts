import { readdir, stat } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { readRegularFile, UnreadableFile } from '../regular-file.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import { recognize } from './foreign-file.ts';

const HINT = 'Give a binary GraphDef, as the strip command writes it.';

/**
 * Reads a binary GraphDef from a file or from bytes.
 *
 * @throws UserError `file` if the file cannot be read, `graph` if it holds no GraphDef with nodes
 */
export async function readGraphDef(source: string | Uint8Array): Promise<GraphDef> {
  if (typeof source !== 'string') return parseGraphDef(source, 'the graph');
  return parseGraphDef(await readWhole(source), source);
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UserError('file', error.message, await wayOut(path), { cause: error });
  }
}

async function wayOut(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? folderHint(path) : HINT;
}

async function folderHint(path: string): Promise<string> {
  const names = await readdir(path);
  if (names.includes('saved_model.pb'))
    return 'Freeze the SavedModel in this folder with TensorFlow to a binary GraphDef.';
  if (names.some((name) => name === 'checkpoint' || name.endsWith('.index')))
    return 'Give this folder to the strip command, which writes a frozen graph of its latest checkpoint.';
  const graph = names.find((name) => name.endsWith('.pb'));
  return graph ? `Give the file ${graph} in this folder.` : HINT;
}

function parseGraphDef(bytes: Uint8Array, name: string): GraphDef {
  if (bytes.length === 0) throw new UserError('graph', `${name} is no frozen graph: it is empty`, HINT);
  const graph = tryParse(bytes);
  const problem = graph ? problemOf(graph) : 'its bytes do not parse';
  if (graph && !problem) return graph;
  const foreign = recognize(bytes, name);
  if (foreign) throw new UserError('graph', `${name} is no frozen graph, but ${foreign.what}`, foreign.hint);
  throw new UserError('graph', `${name} is no frozen graph: ${problem}`, HINT);
}

/** Why a parsed message is not a graph, since almost any few bytes parse as some message; undefined if it is one. */
function problemOf({ node: nodes }: GraphDef): string | undefined {
  if (nodes.length === 0) return 'it has no nodes';
  if (nodes.some(({ name, op }) => name === '' || op === '')) return 'a node has no name or no operation';
  for (const { name, op, input } of nodes) {
    // TensorFlow's names have no spaces or control characters, which would break the line of an error. Nor do they look like a
    // reference to a node's control output (`^name`) or to one of its outputs (`name:1`).
    const isReference = name.startsWith('^') || /:\d+$/.test(name);
    const odd = isReference ? name : [name, op, ...input].find((each) => /[\s\p{Cc}]/u.test(each));
    if (odd !== undefined) return `it has a node named ${printable(odd)}`;
  }
  return undefined;
}

function tryParse(bytes: Uint8Array): GraphDef | undefined {
  try {
    return fromBinary(GraphDefSchema, bytes, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}
