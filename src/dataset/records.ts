import { UserError } from '../errors.ts';

/** Height and width of a picture in the files; the network sees a 24x24 crop of it. */
export const IMAGE_SIZE = 32;
export const CHANNELS = 3;
export const CLASS_COUNT = 10;

/** Bytes of one channel's plane, row by row. */
export const PLANE_BYTES = IMAGE_SIZE * IMAGE_SIZE;
export const IMAGE_BYTES = CHANNELS * PLANE_BYTES;

/** One record of the binary layout: a label byte, then the red, the green and the blue plane. */
export const RECORD_BYTES = 1 + IMAGE_BYTES;

/**
 * Labelled 32x32 RGB pictures, kept exactly as CIFAR-10's binary files hold them: record after record of one label byte and
 * 3,072 image bytes (red, green, blue planes, each row by row). The bytes lie in shared memory, so that a thread that prepares
 * batches reads the same copy.
 */
export class Records {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** The number of records. */
  readonly count: number;

  /**
   * @param source names the bytes in error messages, usually a file name
   * @throws UserError `dataset` where {@link checkRecords} does
   */
  constructor(bytes: Uint8Array<SharedArrayBuffer>, source = 'records') {
    checkRecords(bytes, source);
    this.bytes = bytes;
    this.count = bytes.length / RECORD_BYTES;
  }

  /** The class of a record, 0 to 9. @throws RangeError outside 0 to count - 1 */
  label(index: number): number {
    return this.bytes[this.#offset(index)]!;
  }

  /** The 3,072 image bytes of a record as they are stored, a view: red plane, green plane, blue plane. */
  planes(index: number): Uint8Array<SharedArrayBuffer> {
    const start = this.#offset(index) + 1;
    return this.bytes.subarray(start, start + IMAGE_BYTES);
  }

  /** A record's picture as 32 x 32 x 3 interleaved bytes, a copy, as PNG writers and canvases take it. */
  rgb(index: number): Uint8Array<ArrayBuffer> {
    const planes = this.planes(index);
    return Uint8Array.from({ length: IMAGE_BYTES }, (_, i) => {
      const channel = i % CHANNELS;
      return planes[channel * PLANE_BYTES + (i - channel) / CHANNELS]!;
    });
  }

  /** Records `start` to `end` - 1 over the same memory, as `Array.prototype.slice` counts. */
  slice(start: number, end = this.count): Records {
    const to = Math.min(end, this.count);
    return new Records(this.bytes.subarray(Math.min(start, to) * RECORD_BYTES, to * RECORD_BYTES));
  }

  #offset(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`record ${index} does not exist: there are ${this.count}, counted from 0`);
    }
    return index * RECORD_BYTES;
  }
}

/** One picture and its class. */
export interface LabelledImage {
  /** 0 to 9. */
  readonly label: number;
  /** 3,072 bytes: red plane, green plane, blue plane, each row by row. */
  readonly planes: Uint8Array;
}

/** Reads records from the bytes of a file; the bytes are copied. @throws UserError `dataset` where {@link checkRecords} does */
export function parseRecords(bytes: Uint8Array, source?: string): Records {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return new Records(shared, source);
}

/** The bytes of a file that holds the given pictures. @throws RangeError on a picture that does not have 3,072 bytes */
export function serializeRecords(images: readonly LabelledImage[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(images.length * RECORD_BYTES);
  images.forEach(({ label, planes }, index) => {
    if (planes.length !== IMAGE_BYTES) {
      throw new RangeError(`picture ${index} has ${planes.length} bytes; expected ${IMAGE_BYTES}`);
    }
    bytes[index * RECORD_BYTES] = label;
    bytes.set(planes, index * RECORD_BYTES + 1);
  });
  return bytes;
}

/**
 * @throws UserError `dataset`, naming `source`, the record (counted from 0) and the byte, when the bytes are not a whole number
 * of records or a label is not 0 to 9
 */
export function checkRecords(bytes: Uint8Array, source: string): void {
  const excess = bytes.length % RECORD_BYTES;
  if (excess !== 0) {
    const start = bytes.length - excess;
    throw new UserError(
      'dataset',
      `${source}: record ${start / RECORD_BYTES} at byte ${start} has only ${excess} of ${RECORD_BYTES} bytes (the file has ${bytes.length})`,
      'The file is cut short or is not CIFAR-10 in its binary layout; move it away to have it downloaded anew.',
    );
  }
  for (let start = 0; start < bytes.length; start += RECORD_BYTES) {
    const label = bytes[start]!;
    if (label >= CLASS_COUNT) {
      throw new UserError(
        'dataset',
        `${source}: record ${start / RECORD_BYTES} at byte ${start} has label ${label}; expected 0 to ${CLASS_COUNT - 1}`,
        'The file is damaged or is not CIFAR-10 in its binary layout (CIFAR-100 has two label bytes a record); move it away to have it downloaded anew.',
      );
    }
  }
}
