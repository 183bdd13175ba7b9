import { UserError } from '../errors.ts';
import { CIFAR10_FORMAT } from './cifar10-format.ts';
import { imageBytes, planeBytes, type RecordFormat, recordBytes } from './record-format.ts';

/**
 * Labelled pictures, in the same bytes as in files of their format: for CIFAR-10, 3,073 bytes each. The bytes are in shared memory, so
 * that a worker that prepares batches reads them without a copy.
 */
export class Records {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly format: RecordFormat;
  /** The number of records. */
  readonly count: number;

  /**
   * @param source name of the bytes in errors, usually a file's path
   * @param format default: CIFAR-10's
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

  /** The class of a record, from 0 on. @throws RangeError unless `index` is from 0 to count - 1 */
  label(index: number): number {
    return this.bytes[this.#offset(index)]!;
  }

  /** The bytes of a record's picture, as a view: red plane, green plane, blue plane. @throws RangeError as `label` */
  planes(index: number): Uint8Array<SharedArrayBuffer> {
    const start = this.#offset(index) + 1;
    return this.bytes.subarray(start, start + imageBytes(this.format));
  }

  /** A copy of a record's picture as interleaved bytes, [height, width, channels], for PNG writers and canvases. @throws as `label` */
  rgb(index: number): Uint8Array<ArrayBuffer> {
    const planes = this.planes(index);
    const { channels } = this.format;
    const plane = planeBytes(this.format);
    return Uint8Array.from({ length: planes.length }, (_, i) => {
      const channel = i % channels;
      return planes[channel * plane + (i - channel) / channels]!;
    });
  }

  /** Records `start` to `end` - 1, in the same memory. Indices count as in `Array.prototype.slice`. */
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

/** A picture and its class. */
export interface LabelledImage {
  /** The class, from 0 on. */
  readonly label: number;
  /** Red plane, green plane, blue plane, each plane row by row. */
  readonly planes: Uint8Array;
}

/**
 * Copies records from the bytes of a file.
 *
 * @param source name of the bytes in errors, usually a file's path
 * @param format default: CIFAR-10's
 * @throws UserError `dataset` where {@link checkRecords} does
 */
export function parseRecords(bytes: Uint8Array, source?: string, format?: RecordFormat): Records {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return new Records(shared, source, format);
}

/**
 * Encodes pictures as the bytes of a file.
 *
 * @param format default: CIFAR-10's
 * @throws RangeError if a picture does not have the format's number of bytes
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
 * Checks the bytes of a file of records.
 *
 * @param format default: CIFAR-10's
 * @throws UserError `dataset`, naming `source`, the record (counted from 0) and the byte, if the bytes are not a whole number of
 *   records, or a label is not one of the format's classes
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
      `Move the file away, so that it is downloaded again: it is cut short or is not ${name}.`,
    );
  }
  for (let start = 0; start < bytes.length; start += size) {
    const label = bytes[start]!;
    if (label >= classes) {
      const others = mistakenFor === undefined ? '' : ` (${mistakenFor})`;
      throw new UserError(
        'dataset',
        `${source}: record ${start / size} at byte ${start} has label ${label}; expected 0 to ${classes - 1}`,
        `Move the file away, so that it is downloaded again: it is damaged or is not ${name}${others}.`,
      );
    }
  }
}
