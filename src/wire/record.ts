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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset + HEADER_BYTES <= bytes.length) {
    const lengthBytes = bytes.subarray(offset, offset + LENGTH_BYTES);
    if (view.getUint32(offset + LENGTH_BYTES, true) !== maskedCrc32c(lengthBytes)) throw corrupt(offset);
    const length = view.getBigUint64(offset, true);
    const start = offset + HEADER_BYTES;
    if (length > BigInt(bytes.length - start - CRC_BYTES)) return;
    const end = start + Number(length);
    const data = bytes.subarray(start, end);
    if (view.getUint32(end, true) !== maskedCrc32c(data)) throw corrupt(offset);
    yield data;
    offset = end + CRC_BYTES;
  }
}

function corrupt(offset: number): UserError {
  return new UserError('file', `the record at byte ${offset} is corrupt: its checksum does not fit`);
}
