import { UserError } from '../../errors.ts';
import { type TfjsGroup, tfjsManifest } from '../../formats/tfjs/manifest.ts';
import { readTfjsGroup, storedTypeOf } from '../../formats/tfjs/tensors.ts';
import { printable } from '../../printable.ts';
import type { ExportedFile, StoredWeight } from '../format.ts';

/**
 * The float32 tensors of a graph model that have at least two axes, by name.
 *
 * @param files `model.json` first
 * @throws UserError `graph` if the files are damaged
 */
export function readTfjsWeights([model, ...shards]: readonly ExportedFile[]): Map<string, StoredWeight> {
  const found = new Map<string, StoredWeight>();
  for (const group of manifestOf(model!)) {
    const bytes = Buffer.concat(group.paths.map((path) => shardAt(path, shards)));
    const { tensors, unread } = readTfjsGroup(group, bytes, `${model!.name}: the files`);
    if (unread)
      throw new UserError('graph', `the weights ${unread.name} are stored as ${storedTypeOf(unread)}`);
    for (const { entry, tensor, bytes: size } of tensors)
      if (tensor?.dtype === 'float32' && entry.dtype === 'float32' && tensor.shape.length >= 2)
        found.set(entry.name, { value: tensor, bytes: size + JSON.stringify(entry).length });
  }
  return found;
}

function manifestOf({ name, bytes }: ExportedFile): readonly TfjsGroup[] {
  const manifest = tfjsManifest(bytes);
  if (manifest) return manifest.weightsManifest;
  throw new UserError('graph', `${name} is not a graph model of TensorFlow.js: it lists no weights`);
}

function shardAt(path: string, shards: readonly ExportedFile[]): Uint8Array {
  const shard = shards.find(({ name }) => name === path || name.endsWith(`/${path}`));
  if (!shard) throw new UserError('graph', `the file ${printable(path)}, which holds weights, is missing`);
  return shard.bytes;
}
