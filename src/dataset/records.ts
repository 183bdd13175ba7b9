import { UserError } from '../errors.ts';
import { CIFAR10_FORMAT } from './cifar10-format.ts';
import { imageBytes, planeBytes, type RecordFormat, recordBytes } from './record-format.ts';

/**
 * Labelled pictures, kept exactly as files of their format hold them, for CIFAR-10 in 3,073 bytes each. The bytes lie in shared
 * memory, so that a thread that prepares batches reads the same copy.
 */
export class Records {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly format: RecordFormat;
  /** The number of records. */
  readonly count: number;

  /**
   * @param source names the bytes in error messages, usually a file name
   * @param format CIFAR-10's unless given
   * @throws UserError `dataset` where {@link checkRecords} does
   */
  constructor(
    bytes: Uint8Array<SharedArrayBuffer>,
    source = 'records',
    format: RecordFormat = CIFAR10_FORMAT,
  ) {
    checkRecords(bytes, source, format);
    this.bytes = bytes;
    this.format = format;
    this.count = bytes.length / recordBytes(format);
  }

  /** The class of a record, from 0 on. @throws RangeError outside 0 to count - 1 */
  label(index: number): number {
    return this.bytes[this.#offset(index)]!;
  }

  /** The image bytes of a record as they are stored, a view: red plane, green plane, blue plane. */
  planes(index: number): Uint8Array<SharedArrayBuffer> {
    const start = this.#offset(index) + 1;
    return this.bytes.subarray(start, start + imageBytes(this.format));
  }

  /** A record's picture as height x width x channels interleaved bytes, a copy, as PNG writers and canvases take it. */
  rgb(index: number): Uint8Array<ArrayBuffer> {
    const planes = this.planes(index);
    const { channels } = this.format;
    const plane = planeBytes(this.format);
    return Uint8Array.from({ length: planes.length }, (_, i) => {
      const channel = i % channels;
      return planes[channel * plane + (i - channel) / channels]!;
    });
  }

  /** Records `start` to `end` - 1 over the same memory, as `Array.prototype.slice` counts. */
  slice(start: number, end = this.count): Records {
    const to = Math.min(end, this.count);
    const bytes = recordBytes(this.format);
    return new Records(this.bytes.subarray(Math.min(start, to) * bytes, to * bytes), undefined, this.format);
  }

  #offset(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`record ${index} does not exist: there are ${this.count}, counted from 0`);
    }
    return index * recordBytes(this.format);
  }
}

/** One picture and its class. */
export interface LabelledImage {
  /** From 0 on. */
  readonly label: number;
  /** Red plane, green plane, blue plane, each row by row. */
  readonly planes: Uint8Array;
}

/**
 * Reads records from the bytes of a file; the bytes are copied.
 *
 * @param format CIFAR-10's unless given
 * @throws UserError `dataset` where {@link checkRecords} does
 */
export function parseRecords(bytes: Uint8Array, source?: string, format?: RecordFormat): Records {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return new Records(shared, source, format);
}

/**
 * The bytes of a file that holds the given pictures.
 *
 * @param format CIFAR-10's unless given
 * @throws RangeError on a picture that does not have as many bytes as the format says
 */
export function serializeRecords(
  images: readonly LabelledImage[],
  format: RecordFormat = CIFAR10_FORMAT,
): Uint8Array<ArrayBuffer> {
  const expected = imageBytes(format);
  const bytes = new Uint8Array(images.length * recordBytes(format));
  images.forEach(({ label, planes }, index) => {
    if (planes.length !== expected) {
      throw new RangeError(`picture ${index} has ${planes.length} bytes; expected ${expected}`);
    }
    bytes[index * recordBytes(format)] = label;
    bytes.set(planes, index * recordBytes(format) + 1);
  });
  return bytes;
}

/**
 * @param format CIFAR-10's unless given
 * @throws UserError `dataset`, naming `source`, the record (counted from 0) and the byte, when the bytes are not a whole number
 * of records or a label is not one of the format's classes
 */
export function checkRecords(bytes: Uint8Array, source: string, format: RecordFormat = CIFAR10_FORMAT): void {
  const { classes, name, mistakenFor } = format;
  const size = recordBytes(format);
  const excess = bytes.length % size;
  if (excess !== 0) {
    const start = bytes.length - excess;
    throw new UserError(
      'dataset',
      `${source}: record ${start / size} at byte ${start} has only ${excess} of ${size} bytes (the file has ${bytes.length})`,
      `The file is cut short or is not ${name}; move it away to have it downloaded anew.`,
    );
  }
  for (let start = 0; start < bytes.length; start += size) {
    const label = bytes[start]!;
    if (label >= classes) {
      const others = mistakenFor === undefined ? '' : ` (${mistakenFor})`;
      throw new UserError(
        'dataset',
        `${source}: record ${start / size} at byte ${start} has label ${label}; expected 0 to ${classes - 1}`,
        `The file is damaged or is not ${name}${others}; move it away to have it downloaded anew.`,
      );
    }
  }
}
