import type { NodeDef } from '../wire/protos.ts';
import { bytesPerElement, type Dtype, elementCount, type Tensor } from '../wire/tensor.ts';
import { nodeError } from './node-error.ts';
import { describeShape } from './shapes.ts';

/**
 * The folding limit: the bytes that all constants of a graph may take when they are decoded. It is far beyond any real network, so that
 * a damaged file causes an error instead of exhausting memory. A weight that is stored as one bit, and its share of the values, takes
 * about 20 bytes, most of them only while it is decoded.
 */
const FREE_BYTES = 2 ** 28;
const BYTES_A_STORED_BYTE = 512;
const MAX_BYTES_AT_ONCE = 2 ** 32;
/** Engines copy weights into their own memory and pack them there. */
const COPIES = 2;

/** Counts the bytes of a graph's constants, and of what is computed from them when the graph is loaded. */
export class Allowance {
  #left = FREE_BYTES;
  #held = 0;
  readonly #holders = new Map<Tensor['data'], number>();

  /** Raises the limit for bytes that the file really contains. */
  store(bytes: number): void {
    this.#left += bytes * BYTES_A_STORED_BYTE;
  }

  /** Counts a tensor before it is allocated. @throws UserError `graph` if it exceeds the limit */
  take(node: NodeDef, dtype: Dtype, shape: readonly number[]): void {
    const bytes = elementCount(shape) * bytesPerElement(dtype);
    if (!(bytes <= this.#left && this.#held + bytes <= MAX_BYTES_AT_ONCE))
      throw nodeError(
        node,
        `gives ${dtype} of shape ${describeShape(shape)}, which exceeds the folding limit for this file size`,
      );
    this.#left -= bytes;
  }

  /** Counts the copies of a tensor that an engine makes. @throws UserError `graph` if they exceed the limit */
  copy(node: NodeDef, name: string, { dtype, shape, data }: Tensor): void {
    const bytes = COPIES * data.byteLength;
    if (!(bytes <= this.#left))
      throw nodeError(
        node,
        `computes with ${name}, ${dtype} of shape ${describeShape(shape)}, which exceeds the folding limit for this file size`,
      );
    this.#left -= bytes;
  }

  /** Counts a tensor that stays in memory. Tensors that share memory count once. */
  hold({ data }: Tensor): void {
    const holders = this.#holders.get(data) ?? 0;
    if (holders === 0) this.#held += data.byteLength;
    this.#holders.set(data, holders + 1);
  }

  /** Undoes one `hold`. */
  release({ data }: Tensor): void {
    const holders = (this.#holders.get(data) ?? 0) - 1;
    this.#holders.set(data, holders);
    if (holders > 0) return;
    this.#holders.delete(data);
    this.#held -= data.byteLength;
  }
}
