import type { TensorSliceProto } from '../wire/protos.ts';

/** The length that a slice's key gives for an axis that the slice covers completely. */
const WHOLE_AXIS = -1n;

/**
 * The key of a slice of a partitioned variable in a checkpoint's index. It is written in TensorFlow's OrderedCode, whose bytes have the
 * same order as the values.
 */
export function sliceKey(name: string, slice: TensorSliceProto): Uint8Array {
  const extents = slice.extent.flatMap(({ start, hasLengthHack }) => [
    orderedSigned(start),
    orderedSigned(hasLengthHack.case === 'length' ? hasLengthHack.value : WHOLE_AXIS),
  ]);
  return Buffer.concat([
    orderedUnsigned(0n),
    orderedString(name),
    orderedUnsigned(BigInt(slice.extent.length)),
    ...extents,
  ]);
}

/** Whether a key of the index belongs to a slice. Such keys begin with a byte 0, with which no variable's name begins. */
export function isSliceKey(key: Uint8Array): boolean {
  return key[0] === 0;
}

/** The number of bytes, then the bytes, most significant first. */
function orderedUnsigned(value: bigint): Uint8Array {
  const bytes = value === 0n ? new Uint8Array() : bigEndian(value, byteLength(value));
  return Uint8Array.of(bytes.length, ...bytes);
}

/** The bytes of a string, then 0, 1. Bytes 0 are escaped. The format escapes 255, too, but UTF-8 never contains it. */
function orderedString(text: string): Uint8Array {
  const escaped = [...Buffer.from(text)].flatMap((byte) => (byte === 0x00 ? [0x00, 0xff] : [byte]));
  return Uint8Array.of(...escaped, 0x00, 0x01);
}

/**
 * The value in two's complement, most significant byte first, in the fewest bytes that leave room for a header. The header is a one bit
 * for each byte, then a zero bit, and is combined by exclusive or with the sign bits above the value.
 */
function orderedSigned(value: bigint): Uint8Array {
  const magnitude = value < 0n ? ~value : value;
  const bytes = BigInt(Math.ceil((bitLength(magnitude) + 1) / 7));
  const header = ((1n << bytes) - 1n) << (7n * bytes);
  return bigEndian(BigInt.asUintN(Number(8n * bytes), value) ^ header, Number(bytes));
}

/** At least 1, also of 0. */
function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function byteLength(value: bigint): number {
  return Math.ceil(bitLength(value) / 8);
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
}
