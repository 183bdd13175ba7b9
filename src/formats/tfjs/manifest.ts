import { parseJson } from '../../json.ts';

/** The content of a TensorFlow.js `model.json`. */
export interface TfjsManifest {
  /** A graph model's GraphDef in JSON, or a layers model's configuration as Keras writes it. */
  readonly modelTopology?: unknown;
  readonly weightsManifest: readonly TfjsGroup[];
}

export interface TfjsGroup {
  /** Paths, relative to `model.json`, of the files that hold the weights one after another. */
  readonly paths: readonly string[];
  readonly weights: readonly TfjsEntry[];
}

export interface TfjsEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/** Parses `model.json`. @returns undefined if the bytes are not the JSON of such a model */
export function tfjsManifest(bytes: Uint8Array): TfjsManifest | undefined {
  if (!/^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return undefined;
  const json = parseJson(new TextDecoder().decode(bytes));
  return isManifest(json) ? json : undefined;
}

function isManifest(json: unknown): json is TfjsManifest {
  const { weightsManifest: groups } = (json ?? {}) as Partial<TfjsManifest>;
  return Array.isArray(groups) && groups.every((group: Partial<TfjsGroup> | null) => isGroup(group ?? {}));
}

function isGroup({ paths, weights }: Partial<TfjsGroup>): boolean {
  const isEntry = (entry: Partial<TfjsEntry> | null) =>
    typeof entry?.name === 'string' &&
    typeof entry.dtype === 'string' &&
    isShape(entry.shape) &&
    isQuantization(entry.quantization);
  return (
    Array.isArray(paths) &&
    paths.every((path) => typeof path === 'string') &&
    Array.isArray(weights) &&
    weights.every(isEntry)
  );
}

function isShape(shape: unknown): boolean {
  return Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

function isQuantization(value: Partial<TfjsEntry['quantization']>): boolean {
  if (value === undefined || value === null) return true;
  const { dtype, scale = 1, min = 0 } = value;
  return [dtype, scale, min].map((each) => typeof each).join() === 'string,number,number';
}
