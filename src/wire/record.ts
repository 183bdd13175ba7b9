import { UserError } from '../errors.ts';
import { maskedCrc32c } from './crc32c.ts';

const LENGTH_BYTES = 8;
const CRC_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + CRC_BYTES;

/** One TFRecord: uint64 length, masked CRC-32C of it, the data, masked CRC-32C of the data; all little-endian. */
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
 * The data of each whole record in turn. A record cut off at the end, as a killed writer leaves it, ends the sequence.
 *
 * @throws UserError `file` naming the offset of a record whose checksum does not fit
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
 * As {@link decodeRecords}, of a file that comes in pieces; holds a piece and a record at most.
 *
 * @throws UserError `file` also if a record has more than `maxBytes`
 */
export async function* decodeRecordStream(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let needed = HEADER_BYTES;
  /** Of what is held, in the file. */
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

/** All bytes of the record at `at`; undefined where its header is cut off. @param offset of it in the file */
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
  return new UserError('file', `the record at byte ${offset} is corrupt: its checksum does not fit`);
}
