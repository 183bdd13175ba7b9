import { crc32c } from '@node-rs/crc32';

const MASK_DELTA = 0xa282ead8;

/**
 * CRC-32C (Castagnoli) of bytes, masked as LevelDB and TensorFlow store it: rotated right by 15 bits, plus 0xa282ead8.
 *
 * @param chunks the bytes, in order
 * @returns an unsigned 32-bit integer
 */
export function maskedCrc32c(...chunks: readonly Uint8Array[]): number {
  const crc = chunks.reduce((previous, chunk) => crc32c(asBuffer(chunk), previous), 0);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
