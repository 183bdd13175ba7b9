import { BlockBuilder, decodeBlock, type Entry, sharedPrefix } from './table-block.ts';
import {
  type BlockHandle,
  damaged,
  decodeFooter,
  decodeHandle,
  encodeFooter,
  encodeHandle,
  endOfBlock,
  FOOTER_BYTES,
  openBlock,
  sealBlock,
} from './table-format.ts';

const BLOCK_BYTES = 256 * 1024;

/**
 * Encodes a table in LevelDB's format, as TensorFlow writes it, without compression: data blocks, an empty metaindex block, an index
 * block with one entry per data block, and a footer (https://github.com/google/leveldb/blob/main/doc/table_format.md).
 *
 * @param entries entries in ascending order of their keys, compared byte by byte
 * @throws RangeError if entries are not in this order, or two have the same key
 */
export function encodeTable(entries: readonly Entry[]): Uint8Array {
  const file = new TableFile();
  let data = new BlockBuilder();
  const index = new BlockBuilder(1);
  entries.forEach((entry, position) => {
    data.add(entry);
    const next = entries[position + 1];
    if (next && Buffer.compare(entry[0], next[0]) >= 0)
      throw new RangeError(`key ${position + 1} of a table is not greater than the key before it`);
    if (next && data.size < BLOCK_BYTES) return;
    const separator = next ? shortestBetween(entry[0], next[0]) : shortestAfter(entry[0]);
    index.add([separator, encodeHandle(file.append(data.finish()))]);
    data = new BlockBuilder();
  });
  const metaindex = file.append(new BlockBuilder().finish());
  return file.finish(encodeFooter({ metaindex, index: file.append(index.finish()) }));
}

/**
 * Decodes all entries of a table, in order. Values are views of the table's memory. Checks the footer, the checksum of every
 * block, that blocks are contiguous, and the order of the keys.
 *
 * @throws UserError `checkpoint` if the table is damaged or compressed
 */
export function decodeTable(table: Uint8Array): Entry[] {
  const { metaindex, index } = decodeFooter(table);
  if (decodeBlock(openBlock(table, metaindex)).next().value) throw damaged('its metaindex is not empty');
  const entries: Entry[] = [];
  let end = 0;
  for (const [upperBound, handleBytes] of decodeBlock(openBlock(table, index))) {
    const handle = decodeHandle(handleBytes, table.length);
    if (handle.offset !== end) throw damaged('its blocks are not contiguous');
    end = endOfBlock(handle);
    for (const entry of decodeBlock(openBlock(table, handle))) {
      const last = entries.at(-1);
      if (last && Buffer.compare(last[0], entry[0]) >= 0)
        throw damaged('its keys are not in ascending order');
      if (Buffer.compare(entry[0], upperBound) > 0) throw damaged('its index does not fit its keys');
      entries.push(entry);
    }
  }
  const footer = endOfBlock(index);
  if (
    metaindex.offset !== end ||
    index.offset !== endOfBlock(metaindex) ||
    footer + FOOTER_BYTES !== table.length
  )
    throw damaged('its blocks are not contiguous');
  return entries;
}

class TableFile {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  append(block: Uint8Array): BlockHandle {
    const handle = { offset: this.#bytes, size: block.length };
    const sealed = sealBlock(block);
    this.#parts.push(sealed);
    this.#bytes += sealed.length;
    return handle;
  }

  finish(footer: Uint8Array): Uint8Array {
    return Buffer.concat([...this.#parts, footer]);
  }
}

/** A short separator with `key` <= separator < `next`, as LevelDB's FindShortestSeparator chooses it. */
function shortestBetween(key: Uint8Array, next: Uint8Array): Uint8Array {
  const shared = sharedPrefix(key, next);
  if (shared === key.length) return key;
  const raised = key[shared]! + 1;
  return raised < next[shared]! ? Uint8Array.of(...key.subarray(0, shared), raised) : key;
}

/** A short key that is at least `key`, as LevelDB's FindShortSuccessor chooses it. */
function shortestAfter(key: Uint8Array): Uint8Array {
  const position = key.findIndex((byte) => byte < 0xff);
  return position < 0 ? key : Uint8Array.of(...key.subarray(0, position), key[position]! + 1);
}
