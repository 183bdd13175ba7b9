import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The paths of a V2 checkpoint `model.ckpt-N`. */
export const checkpointPrefix = (dir: string, step: number) => join(dir, `model.ckpt-${step}`);
export const indexPath = (prefix: string) => `${prefix}.index`;
export const metaPath = (prefix: string) => `${prefix}.meta`;
export const statePath = (dir: string) => join(dir, 'checkpoint');
export const graphTextPath = (dir: string) => join(dir, 'graph.pbtxt');

export function dataPath(prefix: string, shard: number, shards: number): string {
  const number = (value: number) => String(value).padStart(5, '0');
  return `${prefix}.data-${number(shard)}-of-${number(shards)}`;
}

/** The step of a checkpoint. @returns undefined for a prefix that does not end in a step */
export function stepOfPrefix(prefix: string): number | undefined {
  const match = /-(\d+)$/.exec(prefix);
  return match ? Number(match[1]) : undefined;
}

/** Whether the path exists and is not a folder. Pipes and devices count as files here; opening them is refused. */
export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}
