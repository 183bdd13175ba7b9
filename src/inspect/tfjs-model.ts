import { dirname, join } from 'node:path';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import type { TfjsGroup, TfjsManifest } from '../formats/tfjs/manifest.ts';
import { readTfjsGroup } from '../formats/tfjs/tensors.ts';
import { printable, printableList } from '../printable.ts';
import { MAX_FILE_BYTES, readRegularFile, UnreadableFile } from '../regular-file.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import type { Tensor } from '../wire/tensor.ts';
import { variablesInGraph } from './checkpoint.ts';
import type { InputShapes } from './input-shapes.ts';
import type { Model } from './model.ts';
import { modelFile } from './model-files.ts';

interface Stored {
  readonly tensor: Tensor;
  /** Bytes of the stored values, before decoding. */
  readonly bytes: number;
}

/**
 * A graph model or a layers model of TensorFlow.js, with any number of files.
 *
 * @param path of `model.json`
 * @throws UserError `file` if a file is missing, `graph` if one is cut short
 */
export async function tfjsModel(
  path: string,
  manifest: TfjsManifest,
  inputShapes: InputShapes = [],
): Promise<Omit<Model, 'kind' | 'path'>> {
  const stored = new Map<string, Stored>();
  const notices: string[] = [];
  for (const group of manifest.weightsManifest) {
    const unread = await readGroup(path, group, stored);
    if (unread) notices.push(unread);
  }
  const graph = graphOf(manifest);
  const tensors = new Map([...stored].map(([name, { tensor }]) => [name, tensor]));
  const part = variablesInGraph(tensors, graph, inputShapes);
  const bytesOf = (name: string, otherwise: number) => stored.get(name)?.bytes ?? otherwise;
  if (!graph) notices.push('this is not a graph model: multiply-adds are not known');
  const shards = manifest.weightsManifest.flatMap(({ paths }) => paths);
  return {
    weights: part.weights.map((weight) => ({
      ...weight,
      storedBytes: bytesOf(weight.name, weight.storedBytes),
    })),
    tensors: part.tensors.map((tensor) => ({ ...tensor, bytes: bytesOf(tensor.name, tensor.bytes) })),
    graph,
    incomplete: part.incomplete || notices.length > 0,
    files: await Promise.all([path, ...shards.map((shard) => join(dirname(path), shard))].map(modelFile)),
    notices: [...notices, ...part.notices],
  };
}

/** Reads the tensors of a group. @returns a notice about those that could not be read */
async function readGroup(
  path: string,
  group: TfjsGroup,
  stored: Map<string, Stored>,
): Promise<string | undefined> {
  const bytes = await readShards(group.paths.map((shard) => join(dirname(path), shard)));
  const { tensors, unread } = readTfjsGroup(group, bytes, `${printableList(group.paths)} of ${path}`);
  for (const { entry, tensor, bytes: size } of tensors)
    if (tensor) stored.set(entry.name, { tensor, bytes: size });
  return unread && `tensors from ${printable(unread.name)} on are not read: it is ${printable(unread.dtype)}`;
}

/** Reads files one after the other, so that repeated names of one file cannot exceed the limit on memory. */
async function readShards(paths: readonly string[]): Promise<Buffer> {
  const shards: Buffer[] = [];
  let left = MAX_FILE_BYTES;
  for (const path of paths) {
    const shard = await readRegularFile(path, left).catch((error) => {
      if (!(error instanceof UnreadableFile)) throw error;
      throw new UserError('file', error.message, 'Put the files of weights beside model.json.', {
        cause: error,
      });
    });
    shards.push(shard);
    left -= shard.length;
  }
  return Buffer.concat(shards);
}

/** @returns undefined for a layers model */
function graphOf({ modelTopology }: TfjsManifest): GraphDef | undefined {
  const topology = modelTopology as { node?: unknown } | undefined;
  if (!Array.isArray(topology?.node)) return undefined;
  try {
    return fromJson(GraphDefSchema, topology as JsonValue, { ignoreUnknownFields: true });
  } catch (error) {
    throw new UserError('graph', `modelTopology is not a TensorFlow graph: ${(error as Error).message}`);
  }
}
