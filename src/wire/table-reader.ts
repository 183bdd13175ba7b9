import { BinaryReader } from '@bufbuild/protobuf/wire';
import { UserError } from '../errors.ts';
import { maskedCrc32c } from './crc32c.ts';
import {
  type BlockHandle,
  encodeFooter,
  FOOTER_BYTES,
  NO_COMPRESSION,
  type TableEntry,
  TRAILER_BYTES,
} from './table.ts';

/**
 * Keys share prefixes, so that a table can unfold to more than its own length. Writers store a whole key at least every 16
 * entries; far beyond that is no table anybody wrote.
 */
const MAX_EXPANSION = 64;

/**
 * All entries of a table in LevelDB's format, keys ascending. Checks everything there is to check: the footer, every
 * block's checksum, that blocks fill the file without gaps, the order of the keys.
 *
 * @returns entries whose values share the memory of `bytes`
 * @throws UserError `checkpoint` if the bytes are no such table, are damaged, or are compressed
 */
export function readTable(bytes: Uint8Array): TableEntry[] {
  const { metaindex, index } = readFooter(bytes);
  const entries: TableEntry[] = [];
  let start = 0;
  let budget = MAX_EXPANSION * bytes.length;
  for (const [lastKey, value] of readBlock(bytes, index)) {
    const handle = decodeHandle(new BinaryReader(value));
    if (handle.offset !== start) throw corrupt(`a block is said to start at byte ${handle.offset}, expected ${start}`);
    for (const entry of readBlock(bytes, handle)) {
      const [key] = entry;
      budget -= key.length;
      if (budget < 0) throw corrupt('its keys unfold to more than any writer leaves');
      const previous = entries.at(-1);
      if (previous && Buffer.compare(previous[0], key) >= 0) throw corrupt('its keys are not in ascending order');
      entries.push(entry);
    }
    const last = entries.at(-1);
    if (last && Buffer.compare(last[0], lastKey) > 0) throw corrupt('its index does not fit its keys');
    start = blockEnd(handle);
  }
  if (start !== metaindex.offset)
    throw corrupt(`its metaindex is said to start at byte ${metaindex.offset}, expected ${start}`);
  return entries;
}

function readFooter(bytes: Uint8Array): { metaindex: BlockHandle; index: BlockHandle } {
  const footerStart = bytes.length - FOOTER_BYTES;
  if (footerStart < 0) throw corrupt(`it has ${bytes.length} bytes, expected at least ${FOOTER_BYTES}`);
  const footer = bytes.subarray(footerStart);
  const reader = new BinaryReader(footer);
  const metaindex = decodeHandle(reader);
  const index = decodeHandle(reader);
  if (Buffer.compare(footer, encodeFooter(metaindex, index)) !== 0)
    throw corrupt('its footer does not end in the magic number of a table, as that of a whole one does');
  if (blockEnd(metaindex) !== index.offset || blockEnd(index) !== footerStart)
    throw corrupt('its footer does not fit its length');
  readBlock(bytes, metaindex).next();
  return { metaindex, index };
}

function decodeHandle(reader: BinaryReader): BlockHandle {
  return decoding(() => {
    const [offset, size] = [Number(reader.uint64()), Number(reader.uint64())];
    if (!Number.isSafeInteger(offset + size)) throw corrupt('a block is said to lie beyond its end');
    return { offset, size };
  });
}

function blockEnd({ offset, size }: BlockHandle): number {
  return offset + size + TRAILER_BYTES;
}

/** The entries of one block, after its trailer was checked. */
function* readBlock(bytes: Uint8Array, handle: BlockHandle): Generator<TableEntry> {
  const block = checkedBlock(bytes, handle);
  const entriesEnd = restartsStart(block);
  const entries = block.subarray(0, entriesEnd);
  const reader = new BinaryReader(entries);
  let last: Uint8Array = new Uint8Array();
  while (reader.pos < entriesEnd) {
    const [shared, unshared, size] = decoding(() => [reader.uint32(), reader.uint32(), reader.uint32()] as const);
    const keyEnd = reader.pos + unshared;
    const valueEnd = keyEnd + size;
    if (shared > last.length || valueEnd > entriesEnd) throw corrupt('an entry is longer than its block');
    const key = Buffer.concat([last.subarray(0, shared), entries.subarray(reader.pos, keyEnd)]);
    yield [key, entries.subarray(keyEnd, valueEnd)];
    reader.pos = valueEnd;
    last = key;
  }
}

function checkedBlock(bytes: Uint8Array, handle: BlockHandle): Uint8Array {
  const blockWithTrailer = bytes.subarray(handle.offset, blockEnd(handle));
  if (blockWithTrailer.length !== handle.size + TRAILER_BYTES) throw corrupt('a block is said to lie beyond its end');
  const typed = blockWithTrailer.subarray(0, handle.size + 1);
  if (readUint32(blockWithTrailer, typed.length) !== maskedCrc32c(typed))
    throw corrupt(`the checksum of the block at byte ${handle.offset} does not fit`);
  if (typed.at(-1) !== NO_COMPRESSION)
    throw new UserError('checkpoint', `a block is compressed (type ${typed.at(-1)}), expected an uncompressed one`);
  return typed.subarray(0, handle.size);
}

/** Where the offsets of the whole keys start: at the end of the entries. */
function restartsStart(block: Uint8Array): number {
  const countAt = block.length - 4;
  const start = countAt < 0 ? -1 : countAt - 4 * readUint32(block, countAt);
  if (start < 0) throw corrupt('a block is too short for what it says it holds');
  return start;
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset, true);
}

/** The library's varint reader throws an error of its own where bytes run out or a number is too long. */
function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw corrupt('a number in it is cut off or too long');
  }
}

function corrupt(problem: string): UserError {
  return new UserError('checkpoint', `not a whole checkpoint index: ${problem}`);
}
