import type { TensorSliceProto } from '../wire/protos.ts';

/** What a slice's key says of an axis that the slice covers whole. */
const WHOLE_AXIS = -1n;

/**
 * The key in a checkpoint's index under which one slice of a partitioned variable is found. Written in TensorFlow's OrderedCode,
 * whose bytes compare as the values do.
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

/** Whether a key of the index is that of a slice; the name of no variable begins like that. */
export function isSliceKey(key: Uint8Array): boolean {
  return key[0] === 0;
}

/** The number of bytes, then the bytes, most significant first. */
function orderedUnsigned(value: bigint): Uint8Array {
  const bytes = value === 0n ? new Uint8Array() : bigEndian(value, byteLength(value));
  return Uint8Array.of(bytes.length, ...bytes);
}

/** The byte 0 is escaped, so that 0, 1 can end the string; so would be 255, which UTF-8 does not have. */
function orderedString(text: string): Uint8Array {
  const escaped = [...Buffer.from(text)].flatMap((byte) => (byte === 0x00 ? [0x00, 0xff] : [byte]));
  return Uint8Array.of(...escaped, 0x00, 0x01);
}

/**
 * Two's complement, most significant byte first, in as few bytes as leave room for a header of as many one bits as there are
 * bytes, then a zero; the header and the sign bits above the number are combined by exclusive or.
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
