import { dirname, join } from 'node:path';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import type { TfjsEntry, TfjsGroup, TfjsManifest } from '../export/tfjs/read-manifest.ts';
import { printable, printableList } from '../printable.ts';
import { MAX_FILE_BYTES, readRegularFile, UnreadableFile } from '../regular-file.ts';
import { decodeHalves } from '../wire/half.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import {
  bytesPerElement,
  type Dtype,
  elementCount,
  float32Tensor,
  type Tensor,
  tensorFromBytes,
} from '../wire/tensor.ts';
import { variablesInGraph } from './checkpoint.ts';
import type { InputShapes } from './input-shapes.ts';
import type { Model } from './model.ts';
import { modelFile } from './model-files.ts';

const DTYPES: ReadonlySet<string> = new Set<Dtype>(['float32', 'float16', 'int32', 'uint8', 'int16', 'bool']);
/** Values of tensors of other types, such as text, do not say where they end. */
type KnownDtype = Extract<Dtype, 'float32' | 'float16' | 'int32' | 'uint8' | 'int16' | 'bool'> | 'uint16';

interface Stored {
  readonly tensor: Tensor;
  /** Before quantized values are decoded. */
  readonly bytes: number;
}

/**
 * A graph model or a layers model of TensorFlow.js, in any number of files.
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
  if (!graph) notices.push('this is no graph model: multiply-adds are not known');
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

/** @returns what could not be read */
async function readGroup(
  path: string,
  { paths, weights }: TfjsGroup,
  stored: Map<string, Stored>,
): Promise<string | undefined> {
  const bytes = await readShards(paths.map((shard) => join(dirname(path), shard)));
  let offset = 0;
  for (const entry of weights) {
    const dtype = storedType(entry);
    if (!dtype)
      return `tensors from ${printable(entry.name)} on are not read: it is ${printable(entry.dtype)}`;
    const size = elementCount(entry.shape) * (dtype === 'uint16' ? 2 : bytesPerElement(dtype));
    if (offset + size > bytes.length)
      throw new UserError('graph', `${printableList(paths)} of ${path} end within ${printable(entry.name)}`);
    const own = bytes.subarray(offset, offset + size);
    stored.set(entry.name, { tensor: decoded(entry, dtype, own), bytes: size });
    offset += size;
  }
  return undefined;
}

/** One after the other, so that a file that is named again and again does not take more memory than one may. */
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

function storedType({ dtype, quantization }: TfjsEntry): KnownDtype | undefined {
  const type = quantization?.dtype ?? dtype;
  return type === 'uint16' || DTYPES.has(type) ? (type as KnownDtype) : undefined;
}

/** A quantized value stands for value * scale + min. */
function decoded({ shape, dtype, quantization }: TfjsEntry, stored: KnownDtype, bytes: Uint8Array): Tensor {
  if (stored === 'uint16' || stored === 'uint8') {
    const { scale = 1, min = 0 } = quantization ?? {};
    const steps = stored === 'uint8' ? bytes : new Uint16Array(new Uint8Array(bytes).buffer);
    return float32Tensor(
      shape,
      Float32Array.from(steps, (step) => step * scale + min),
    );
  }
  const tensor = tensorFromBytes(stored, shape, bytes);
  return tensor.dtype === 'float16' && dtype === 'float32'
    ? float32Tensor(shape, decodeHalves(tensor.data))
    : tensor;
}

/** @returns undefined for a layers model */
function graphOf({ modelTopology }: TfjsManifest): GraphDef | undefined {
  const topology = modelTopology as { node?: unknown } | undefined;
  if (!Array.isArray(topology?.node)) return undefined;
  try {
    return fromJson(GraphDefSchema, topology as JsonValue, { ignoreUnknownFields: true });
  } catch (error) {
    throw new UserError('graph', `modelTopology is no graph of TensorFlow's: ${(error as Error).message}`);
  }
}
