import type { NodeDef } from '../wire/protos.ts';
import { bytesPerElement, type Dtype, elementCount, type Tensor } from '../wire/tensor.ts';
import { nodeError } from './node-error.ts';
import { describeShape } from './shapes.ts';

/**
 * What a graph's constants may unfold to: far beyond any real network, so that a damaged file is an error and not the end of
 * memory. To decode a weight that is stored as one bit and its share of the values takes some 20 bytes, most for a moment.
 */
const FREE_BYTES = 2 ** 28;
const BYTES_A_STORED_BYTE = 512;
const MAX_BYTES_AT_ONCE = 2 ** 32;
/** An engine packs weights, on its side of the memory. */
const COPIES = 2;

/** Keeps count of the bytes that the constants of a graph take, and what is computed of them when it is loaded. */
export class Allowance {
  #left = FREE_BYTES;
  #held = 0;
  readonly #holders = new Map<Tensor['data'], number>();

  /** Allows more for bytes that the file does hold. */
  store(bytes: number): void {
    this.#left += bytes * BYTES_A_STORED_BYTE;
  }

  /** Counts a tensor that is about to be made. @throws UserError `graph` if it is more than there may be */
  take(node: NodeDef, dtype: Dtype, shape: readonly number[]): void {
    const bytes = elementCount(shape) * bytesPerElement(dtype);
    if (!(bytes <= this.#left && this.#held + bytes <= MAX_BYTES_AT_ONCE))
      throw nodeError(
        node,
        `gives ${dtype} of shape ${describeShape(shape)}, which exceeds the folding limit for this file size`,
      );
    this.#left -= bytes;
  }

  /** Counts the copies that are made of a tensor to compute with it. @throws UserError `graph` if it is more than there may be */
  copy(node: NodeDef, name: string, { dtype, shape, data }: Tensor): void {
    const bytes = COPIES * data.byteLength;
    if (!(bytes <= this.#left))
      throw nodeError(
        node,
        `computes with ${name}, ${dtype} of shape ${describeShape(shape)}, which exceeds the folding limit for this file size`,
      );
    this.#left -= bytes;
  }

  /** Counts a tensor that is kept; several may share their memory. */
  hold({ data }: Tensor): void {
    const holders = this.#holders.get(data) ?? 0;
    if (holders === 0) this.#held += data.byteLength;
    this.#holders.set(data, holders + 1);
  }

  /** Takes one `hold` back. */
  release({ data }: Tensor): void {
    const holders = (this.#holders.get(data) ?? 0) - 1;
    this.#holders.set(data, holders);
    if (holders > 0) return;
    this.#holders.delete(data);
    this.#held -= data.byteLength;
  }
}
