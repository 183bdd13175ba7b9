import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { damaged, readVarints } from './table-format.ts';

/** Every 16th key of a data block is written whole, so that a search can start there. */
export const RESTART_INTERVAL = 16;
const RESTART_BYTES = 4;
/** Since keys share prefixes, they may take more memory than the block, but not more than this many times as much. */
const MAX_EXPANSION = 64;

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * Builds one block: its entries, the offsets of those whose keys are whole (restarts), and the number of these. An entry is the
 * length of the prefix that its key shares with the previous key, the length of the rest of the key, the length of the value, the
 * rest of the key, and the value.
 */
export class BlockBuilder {
  readonly #restartInterval: number;
  readonly #entries = new BinaryWriter();
  #entriesBytes = 0;
  readonly #restarts: number[] = [0];
  #count = 0;
  #lastKey = new Uint8Array();

  /** @param restartInterval how often a key is written whole: 1, for every key, in an index block */
  constructor(restartInterval = RESTART_INTERVAL) {
    this.#restartInterval = restartInterval;
  }

  /** The size in bytes that the block would have if it were finished now. */
  get size(): number {
    return this.#entriesBytes + RESTART_BYTES * (this.#restarts.length + 1);
  }

  add([key, value]: Entry): void {
    const restarts = this.#count > 0 && this.#count % this.#restartInterval === 0;
    if (restarts) this.#restarts.push(this.#entriesBytes);
    const shared = restarts ? 0 : sharedPrefix(this.#lastKey, key);
    const lengths = new BinaryWriter()
      .uint32(shared)
      .uint32(key.length - shared)
      .uint32(value.length)
      .finish();
    this.#entries.raw(lengths).raw(key.subarray(shared)).raw(value);
    this.#entriesBytes += lengths.length + key.length - shared + value.length;
    this.#lastKey = Uint8Array.from(key);
    this.#count++;
  }

  /** Returns the finished block. Nothing can be added afterwards. */
  finish(): Uint8Array {
    for (const restart of this.#restarts) this.#entries.fixed32(restart);
    return this.#entries.fixed32(this.#restarts.length).finish();
  }
}

/** Decodes the entries of a block. @throws UserError `checkpoint` if they are damaged, or not in ascending order of their keys */
export function* decodeBlock(block: Uint8Array): Generator<Entry> {
  const end = endOfEntries(block);
  let lastKey: Uint8Array | undefined;
  let keyBytes = 0;
  for (let offset = 0; offset < end; ) {
    const { values, end: start } = readVarints(block.subarray(0, end), offset, 3);
    const [shared, rest, valueBytes] = values as [number, number, number];
    if (shared > (lastKey?.length ?? 0) || start + rest + valueBytes > end)
      throw damaged('an entry claims more bytes than there are');
    keyBytes += shared + rest;
    if (keyBytes > MAX_EXPANSION * block.length) throw damaged('its keys are too long for its size');
    const key = new Uint8Array(shared + rest);
    key.set(lastKey?.subarray(0, shared) ?? []);
    key.set(block.subarray(start, start + rest), shared);
    if (lastKey && Buffer.compare(lastKey, key) >= 0) throw damaged('its keys are not in ascending order');
    offset = start + rest + valueBytes;
    yield [key, block.subarray(start + rest, offset)];
    lastKey = key;
  }
}

function endOfEntries(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const restarts =
    block.length < RESTART_BYTES ? Infinity : view.getUint32(block.length - RESTART_BYTES, true);
  const end = block.length - RESTART_BYTES * (restarts + 1);
  if (end < 0) throw damaged('a block ends before its entries begin');
  return end;
}

export function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
