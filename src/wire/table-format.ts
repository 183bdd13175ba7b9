import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { UserError } from '../errors.ts';
import { maskedCrc32c } from './crc32c.ts';

export const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const MAGIC = 0xdb4775248b80fb57n;
const MAGIC_BYTES = 8;
const UNCOMPRESSED = 0;

/** The place of a block in the table, in bytes, without the trailer that follows it. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

export interface Footer {
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
}

export function encodeHandle({ offset, size }: BlockHandle): Uint8Array {
  return new BinaryWriter().uint64(offset).uint64(size).finish();
}

/** Decodes a handle. @throws UserError `checkpoint` if it points outside the table */
export function decodeHandle(bytes: Uint8Array, tableBytes: number): BlockHandle {
  return handleOf(readVarints(bytes, 0, 2).values, tableBytes);
}

function handleOf(values: readonly number[], tableBytes: number): BlockHandle {
  const [offset, size] = values as [number, number];
  const handle = { offset, size };
  if (endOfBlock(handle) > tableBytes - FOOTER_BYTES)
    throw damaged(`a block of ${size} bytes at byte ${offset} lies outside it`);
  return handle;
}

/** The offset of the first byte after a block and its trailer. */
export function endOfBlock({ offset, size }: BlockHandle): number {
  return offset + size + TRAILER_BYTES;
}

/** A block with its trailer: a byte for the kind of compression, then the masked CRC-32C of the block and of that byte. */
export function sealBlock(block: Uint8Array): Uint8Array {
  const kind = Uint8Array.of(UNCOMPRESSED);
  return new BinaryWriter().raw(block).raw(kind).fixed32(maskedCrc32c(block, kind)).finish();
}

/** The bytes of a block. @throws UserError `checkpoint` if its checksum does not match or it is compressed */
export function openBlock(table: Uint8Array, { offset, size }: BlockHandle): Uint8Array {
  const block = table.subarray(offset, offset + size);
  const kind = table.subarray(offset + size, offset + size + 1);
  const checksum = new DataView(table.buffer, table.byteOffset + offset + size + 1, 4).getUint32(0, true);
  if (checksum !== maskedCrc32c(block, kind))
    throw damaged(`the checksum of the block at byte ${offset} does not match`);
  if (kind[0] !== UNCOMPRESSED)
    throw new UserError(
      'checkpoint',
      `the block at byte ${offset} is compressed (kind ${kind[0]}), expected a table without compression`,
      'Save the checkpoint again with TensorFlow, which does not compress it.',
    );
  return block;
}

/** Both handles, zeros up to byte 40, and the magic number of a table. */
export function encodeFooter({ metaindex, index }: Footer): Uint8Array {
  const footer = new Uint8Array(FOOTER_BYTES);
  footer.set(new BinaryWriter().raw(encodeHandle(metaindex)).raw(encodeHandle(index)).finish());
  new DataView(footer.buffer).setBigUint64(FOOTER_BYTES - MAGIC_BYTES, MAGIC, true);
  return footer;
}

/** Decodes the footer at the end of a table. @throws UserError `checkpoint` if the table does not end with a valid footer */
export function decodeFooter(table: Uint8Array): Footer {
  if (table.length < FOOTER_BYTES)
    throw damaged(`it has ${table.length} bytes, expected at least ${FOOTER_BYTES}`);
  const bytes = table.subarray(-FOOTER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, FOOTER_BYTES);
  if (view.getBigUint64(FOOTER_BYTES - MAGIC_BYTES, true) !== MAGIC)
    throw damaged('it does not end with the magic number of a table');
  const { values } = readVarints(bytes, 0, 4);
  const footer = {
    metaindex: handleOf(values.slice(0, 2), table.length),
    index: handleOf(values.slice(2), table.length),
  };
  // No checksum covers the footer, but there is only one way to write it, padding included.
  if (Buffer.compare(bytes, encodeFooter(footer)) !== 0) throw damaged('its footer is malformed');
  return footer;
}

/**
 * Decodes consecutive numbers of variable length.
 *
 * @returns the numbers, and the offset of the byte after them
 * @throws UserError `checkpoint` if they run past the end
 */
export function readVarints(bytes: Uint8Array, start: number, count: number) {
  const reader = new BinaryReader(bytes.subarray(start));
  try {
    const values = Array.from({ length: count }, () => Number(reader.uint64()));
    return { values, end: start + reader.pos };
  } catch {
    throw damaged('a number runs past its end');
  }
}

export function damaged(what: string): UserError {
  return new UserError('checkpoint', `the table is damaged: ${what}`);
}
