import { UserError } from '../errors.ts';
import type { CriterionMemory } from './criterion.ts';

/** Everything that pruning remembers from one step to the next. It is never changed in place. */
export interface PruningState {
  /** The global step of the last mask update, 0 before the first. */
  readonly lastMaskUpdateStep: number;
  /** Masks by weight name: 0 or 1, in the weight's shape, row-major. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** Thresholds by weight name; float32. */
  readonly thresholds: ReadonlyMap<string, number>;
  /** Memory of criteria by weight name; absent if no criterion remembers anything. */
  readonly memory?: ReadonlyMap<string, CriterionMemory>;
}

/** A pruning state that can be written as JSON without loss. */
export interface SerializedPruningState {
  readonly lastMaskUpdateStep: number;
  readonly weights: Readonly<Record<string, SerializedWeightState>>;
}

export interface SerializedWeightState {
  /** The number of weights. */
  readonly size: number;
  /** One bit per weight, in base64; the first weight is the lowest bit of the first byte. */
  readonly mask: string;
  readonly threshold: number;
  /** The criterion's memory by name: float32, little-endian, in base64. */
  readonly memory?: Readonly<Record<string, string>>;
}

export function serializeState(state: PruningState): SerializedPruningState {
  const weights = [...state.masks].map(([name, mask]) => {
    const threshold = state.thresholds.get(name) ?? 0;
    const memory = state.memory?.get(name);
    return [
      name,
      { size: mask.length, mask: packMask(mask), threshold, ...(memory && { memory: packMemory(memory) }) },
    ];
  });
  return { lastMaskUpdateStep: state.lastMaskUpdateStep, weights: Object.fromEntries(weights) };
}

/** Reads what `serializeState` wrote. @throws UserError `argument`, naming the field, on anything else */
export function deserializeState(serialized: unknown): PruningState {
  const { lastMaskUpdateStep, weights } = asRecord(serialized, 'the whole');
  if (!isCount(lastMaskUpdateStep)) throw malformed('lastMaskUpdateStep', 'an integer >= 0');
  const masks = new Map<string, Float32Array>();
  const thresholds = new Map<string, number>();
  const memory = new Map<string, CriterionMemory>();
  for (const [name, value] of Object.entries(asRecord(weights, 'weights'))) {
    const { size, mask, threshold, memory: remembered } = asRecord(value, name);
    if (!isCount(size)) throw malformed(`${name}.size`, 'an integer >= 0');
    if (typeof threshold !== 'number') throw malformed(`${name}.threshold`, 'a number');
    const bytes = typeof mask === 'string' ? Buffer.from(mask, 'base64') : undefined;
    if (bytes?.length !== Math.ceil(size / 8)) throw malformed(`${name}.mask`, `${size} bits in base64`);
    masks.set(name, unpackMask(bytes, size));
    thresholds.set(name, Math.fround(threshold));
    if (remembered !== undefined) memory.set(name, unpackMemory(remembered, `${name}.memory`));
  }
  return { lastMaskUpdateStep, masks, thresholds, ...(memory.size > 0 && { memory }) };
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

function packMemory(memory: CriterionMemory): Record<string, string> {
  const pack = (values: Float32Array) => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, index) => void bytes.writeFloatLE(value, 4 * index));
    return bytes.toString('base64');
  };
  return Object.fromEntries(Array.from(memory, ([name, values]) => [name, pack(values)]));
}

function unpackMemory(packed: unknown, field: string): CriterionMemory {
  const unpack = ([name, text]: [string, unknown]): [string, Float32Array] => {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
    if (!bytes || bytes.length % 4 !== 0) throw malformed(`${field}.${name}`, 'float32 values in base64');
    return [name, new Float32Array(bytes.length / 4).map((_, index) => bytes.readFloatLE(4 * index))];
  };
  return new Map(Object.entries(asRecord(packed, field)).map(unpack));
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
