import { UserError } from '../errors.ts';

/** All that pruning remembers from one step to the next; never changed in place. */
export interface PruningState {
  /** The global step of the last mask update, 0 before the first. */
  readonly lastMaskUpdateStep: number;
  /** By weight name; 0 or 1, in the weight's shape, row-major. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** By weight name; float32. */
  readonly thresholds: ReadonlyMap<string, number>;
}

/** A pruning state that JSON holds without loss. */
export interface SerializedPruningState {
  readonly lastMaskUpdateStep: number;
  readonly weights: Readonly<Record<string, SerializedWeightState>>;
}

export interface SerializedWeightState {
  /** The number of weights. */
  readonly size: number;
  /** One bit a weight, the first in the lowest bit of the first byte, in base64. */
  readonly mask: string;
  readonly threshold: number;
}

export function serializeState(state: PruningState): SerializedPruningState {
  const weights = [...state.masks].map(([name, mask]) => {
    return [name, { size: mask.length, mask: packMask(mask), threshold: state.thresholds.get(name) ?? 0 }];
  });
  return { lastMaskUpdateStep: state.lastMaskUpdateStep, weights: Object.fromEntries(weights) };
}

/** @throws UserError `argument`, naming the field, on anything that `serializeState` does not write */
export function deserializeState(serialized: unknown): PruningState {
  const { lastMaskUpdateStep, weights } = asRecord(serialized, 'the whole');
  if (!isCount(lastMaskUpdateStep)) throw malformed('lastMaskUpdateStep', 'an integer >= 0');
  const masks = new Map<string, Float32Array>();
  const thresholds = new Map<string, number>();
  for (const [name, value] of Object.entries(asRecord(weights, 'weights'))) {
    const { size, mask, threshold } = asRecord(value, name);
    if (!isCount(size)) throw malformed(`${name}.size`, 'an integer >= 0');
    if (typeof threshold !== 'number') throw malformed(`${name}.threshold`, 'a number');
    const bytes = typeof mask === 'string' ? Buffer.from(mask, 'base64') : undefined;
    if (bytes?.length !== Math.ceil(size / 8)) throw malformed(`${name}.mask`, `${size} bits in base64`);
    masks.set(name, unpackMask(bytes, size));
    thresholds.set(name, Math.fround(threshold));
  }
  return { lastMaskUpdateStep, masks, thresholds };
}

function packMask(mask: Float32Array): string {
  const bytes = Buffer.alloc(Math.ceil(mask.length / 8));
  mask.forEach((value, index) => {
    if (value !== 0) bytes[index >> 3]! |= 1 << (index & 7);
  });
  return bytes.toString('base64');
}

function unpackMask(bytes: Uint8Array, size: number): Float32Array {
  return new Float32Array(size).map((_, index) => (bytes[index >> 3]! >> (index & 7)) & 1);
}

function asRecord(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw malformed(field, 'an object');
  return value as Record<string, unknown>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function malformed(field: string, expected: string): UserError {
  return new UserError(
    'argument',
    `pruning state: ${field} is malformed, expected ${expected}`,
    'Give what serializeState returned.',
  );
}
