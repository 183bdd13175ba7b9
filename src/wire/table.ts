import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { maskedCrc32c } from './crc32c.ts';

/** Where a block lies in the table, without its trailer. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** One entry of a table. */
export type TableEntry = readonly [key: Uint8Array, value: Uint8Array];

export const NO_COMPRESSION = 0;
/** What follows each block: the type of its compression, and the masked CRC-32C of block and type. */
export const TRAILER_BYTES = 1 + 4;
export const FOOTER_BYTES = 48;
const HANDLES_BYTES = 40;
const MAGIC = 0xdb4775248b80fb57n;

const BLOCK_BYTES = 256 * 1024;
const RESTART_INTERVAL = 16;
/** In the index every key is whole. */
const INDEX_RESTART_INTERVAL = 1;

/**
 * A table in LevelDB's format as TensorFlow writes it, byte for byte: uncompressed blocks of about 256 KiB, keys that share
 * their prefix with the one before except every 16th, an empty metaindex, an index and a footer.
 *
 * @param entries keys in strictly ascending bytewise order; strings stand for their UTF-8
 * @throws RangeError if the keys are not in order
 */
export function buildTable(
  entries: Iterable<readonly [key: string | Uint8Array, value: Uint8Array]>,
): Uint8Array {
  const table = new BlockSequence();
  const index = new BlockBuilder(INDEX_RESTART_INTERVAL);
  let block = new BlockBuilder(RESTART_INTERVAL);
  let finished: BlockHandle | undefined;
  let last: Uint8Array | undefined;
  for (const [name, value] of entries) {
    const key = typeof name === 'string' ? Buffer.from(name) : name;
    if (last && Buffer.compare(last, key) >= 0)
      throw new RangeError(`table keys must ascend: '${Buffer.from(last)}' before '${Buffer.from(key)}'`);
    if (finished && last) index.add(shortestSeparator(last, key), encodeHandle(finished));
    finished = undefined;
    block.add(key, value);
    last = key;
    if (block.size >= BLOCK_BYTES) {
      finished = table.append(block.finish());
      block = new BlockBuilder(RESTART_INTERVAL);
    }
  }
  if (!block.empty) finished = table.append(block.finish());
  if (finished && last) index.add(shortSuccessor(last), encodeHandle(finished));
  const metaindex = table.append(new BlockBuilder(RESTART_INTERVAL).finish());
  return table.finish(encodeFooter(metaindex, table.append(index.finish())));
}

/** Where the metaindex and the index are, padded with zeros, and the magic number. */
export function encodeFooter(metaindex: BlockHandle, index: BlockHandle): Uint8Array {
  const handles = [encodeHandle(metaindex), encodeHandle(index)];
  const padding = HANDLES_BYTES - handles[0]!.length - handles[1]!.length;
  const writer = new BinaryWriter().raw(handles[0]!).raw(handles[1]!).raw(new Uint8Array(padding));
  return writer.fixed64(MAGIC).finish();
}

function encodeHandle({ offset, size }: BlockHandle): Uint8Array {
  return new BinaryWriter().uint64(offset).uint64(size).finish();
}

/** Blocks with their trailers, one after the other. */
class BlockSequence {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  append(block: Uint8Array): BlockHandle {
    const handle = { offset: this.#length, size: block.length };
    const type = Uint8Array.of(NO_COMPRESSION);
    const crc = new BinaryWriter().fixed32(maskedCrc32c(block, type)).finish();
    this.#chunks.push(block, type, crc);
    this.#length += block.length + TRAILER_BYTES;
    return handle;
  }

  finish(footer: Uint8Array): Uint8Array {
    return new Uint8Array(Buffer.concat([...this.#chunks, footer]));
  }
}

/** Entries that say how many bytes they share with the key before, then the offsets of those that share none. */
class BlockBuilder {
  readonly #interval: number;
  readonly #chunks: Uint8Array[] = [];
  readonly #restarts: number[] = [0];
  #length = 0;
  #count = 0;
  #last: Uint8Array = new Uint8Array();

  constructor(restartInterval: number) {
    this.#interval = restartInterval;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  get size(): number {
    return this.#length + 4 * (this.#restarts.length + 1);
  }

  add(key: Uint8Array, value: Uint8Array): void {
    const restart = this.#count % this.#interval === 0;
    if (restart && !this.empty) this.#restarts.push(this.#length);
    const shared = restart ? 0 : sharedPrefix(this.#last, key);
    const entry = new BinaryWriter().uint32(shared).uint32(key.length - shared).uint32(value.length);
    const bytes = entry.raw(key.subarray(shared)).raw(value).finish();
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    this.#count += 1;
    this.#last = key;
  }

  finish(): Uint8Array {
    const restarts = new BinaryWriter();
    for (const offset of this.#restarts) restarts.fixed32(offset);
    return Buffer.concat([...this.#chunks, restarts.fixed32(this.#restarts.length).finish()]);
  }
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared += 1;
  return shared;
}

/** A short key k with `last` <= k < `next`, as LevelDB chooses it. */
function shortestSeparator(last: Uint8Array, next: Uint8Array): Uint8Array {
  const shared = sharedPrefix(last, next);
  if (shared >= last.length) return last;
  return last[shared]! < 0xff && last[shared]! + 1 < next[shared]! ? incrementedAt(last, shared) : last;
}

/** A short key that is at least `key`. */
function shortSuccessor(key: Uint8Array): Uint8Array {
  const position = key.findIndex((byte) => byte !== 0xff);
  return position < 0 ? key : incrementedAt(key, position);
}

function incrementedAt(key: Uint8Array, position: number): Uint8Array {
  const short = key.slice(0, position + 1);
  short[position]! += 1;
  return short;
}
