import { UserError } from '../errors.ts';
import { maskedCrc32c } from './crc32c.ts';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + CRC_BYTES;

/** Encodes a TFRecord: uint64 length, masked CRC-32C of the length, the data, masked CRC-32C of the data; all little-endian. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + data.length + CRC_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(record.subarray(0, LENGTH_BYTES)), true);
  record.set(data, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + data.length, maskedCrc32c(data), true);
  return record;
}

/**
 * Yields the data of each whole record. An incomplete record at the end, which a killed writer leaves, ends the sequence.
 *
 * @throws UserError `file`, naming the byte at which the record starts, if a checksum does not match
 */
export function* decodeRecords(bytes: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; ; ) {
    const length = recordLength(bytes, offset, offset);
    if (length === undefined || length > bytes.length - offset) return;
    yield recordData(bytes.subarray(offset, offset + length), offset);
    offset += length;
  }
}

/**
 * As {@link decodeRecords}, for a file that arrives in chunks. Holds at most a chunk and a record in memory.
 *
 * @throws UserError `file` also if a record is longer than `maxBytes`
 */
export async function* decodeRecordStream(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let needed = HEADER_BYTES;
  /** The offset in the file of the first byte that is held. */
  let start = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    held += chunk.length;
    if (held < needed) continue;
    const bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
    let at = 0;
    for (;;) {
      const length = recordLength(bytes, at, start + at);
      if (length !== undefined && length > maxBytes)
        throw new UserError(
          'file',
          `the record at byte ${start + at} has ${length} bytes, expected at most ${maxBytes}`,
        );
      needed = length ?? HEADER_BYTES;
      if (needed > bytes.length - at) break;
      yield recordData(bytes.subarray(at, at + needed), start + at);
      at += needed;
    }
    pieces = [bytes.subarray(at)];
    held = bytes.length - at;
    start += at;
  }
}

/** Length in bytes of the whole record at `at`; undefined if its header is incomplete. @param offset its offset in the file */
function recordLength(bytes: Uint8Array, at: number, offset: number): number | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  if (view.getUint32(LENGTH_BYTES, true) !== maskedCrc32c(bytes.subarray(at, at + LENGTH_BYTES)))
    throw corrupt(offset);
  return HEADER_BYTES + Number(view.getBigUint64(0, true)) + CRC_BYTES;
}

function recordData(record: Uint8Array, offset: number): Uint8Array {
  const data = record.subarray(HEADER_BYTES, -CRC_BYTES);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (view.getUint32(record.length - CRC_BYTES, true) !== maskedCrc32c(data)) throw corrupt(offset);
  return data;
}

function corrupt(offset: number): UserError {
  return new UserError('file', `the record at byte ${offset} is corrupt: its checksum does not match`);
}
