import fc, { type GeneratorValue } from 'fast-check';
import type { SharedMemory } from '../../src/engine/simd/memory.ts';
import { type RandomStream, randomStream } from '../../src/random.ts';

export const ARENA_BYTES = 1 << 17;

/** NaNs, so that whatever is computed with them shows, and each another, so that copies of them show, too. */
const CANARIES = Uint32Array.from({ length: ARENA_BYTES / 4 }, (_, word) => 0x7fc0_0000 + 3 * word);

/** Memory for one call: buffers are drawn, and what is between them is filled with canaries. */
export class Arena {
  readonly #memory: SharedMemory;
  readonly #start: number;
  readonly #draw: GeneratorValue;
  readonly #random: RandomStream;
  #top: number;

  /** @param memory of which the call gets all that is left */
  constructor(memory: SharedMemory, draw: GeneratorValue) {
    const free = memory.size;
    this.#memory = memory;
    this.#start = memory.allocate(ARENA_BYTES);
    memory.release(free);
    this.#top = this.#start + 64;
    this.#draw = draw;
    memory.integers(this.#start, ARENA_BYTES / 4).set(CANARIES);
    this.#random = randomStream(this.integer(0, 1_000_000), 'kernels');
  }

  /** A whole number, small ones and the bounds more often than others. */
  integer(min: number, max: number): number {
    return this.#draw(fc.integer, { min, max });
  }

  flag(): number {
    return this.integer(0, 1);
  }

  pick<Value>(...values: readonly Value[]): Value {
    return values[this.integer(0, values.length - 1)]!;
  }

  /** A random number that a pick does not shrink: enough where no case is special. */
  real(low: number, high: number): number {
    return this.#random.uniform(low, high);
  }

  index(count: number): number {
    return this.#random.integer(count);
  }

  choose<Value>(values: readonly Value[]): Value {
    return values[this.index(values.length)]!;
  }

  /** Bytes between two things of so many bytes: as many, or some more. */
  stride(bytes: number): number {
    return bytes + 4 * this.integer(0, 5);
  }

  /** A buffer that nothing has been written to, at a whole number of words. */
  room(bytes: number): number {
    const offset = this.#top + 4 * this.integer(0, 4);
    // Vector loads may reach beyond a buffer, and must not reach the next one's values.
    this.#top = 64 * Math.ceil((offset + bytes) / 64) + 128;
    if (this.#top > this.#start + ARENA_BYTES) throw new Error('the arena is too small');
    return offset;
  }

  /** A buffer of random float32 values, of which some are equal, and some zero. */
  floats(count: number, value: (index: number) => number = () => this.value()): number {
    const offset = this.room(4 * count);
    const values = this.#memory.floats(offset, count);
    for (let i = 0; i < count; i++) values[i] = value(i);
    return offset;
  }

  /** Between -2 and 2, one in four a quarter of a whole number. */
  value(): number {
    return this.index(4) === 0 ? (this.index(17) - 8) / 4 : this.real(-2, 2);
  }

  words(values: readonly number[]): number {
    const offset = this.room(4 * values.length);
    this.#memory.integers(offset, values.length).set(values);
    return offset;
  }

  setWord(address: number, value: number): void {
    this.#memory.integers(address, 1)[0] = value;
  }

  /** A mask of about half ones. */
  mask(count: number): number {
    return this.floats(count, () => this.index(2));
  }

  bytes(values: readonly number[]): number {
    const offset = this.room(values.length);
    this.#memory.bytes(offset, values.length).set(values);
    return offset;
  }

  /** What is in the arena now. */
  snapshot(): Snapshot {
    return new Snapshot(Uint8Array.from(this.#memory.bytes(this.#start, ARENA_BYTES)), this.#start);
  }
}

/** Values by address. */
export interface Reader {
  float(address: number): number;
  double(address: number): number;
  /** Unsigned, of 32 bits. */
  word(address: number): number;
  byte(address: number): number;
}

/** What was in memory at some time. */
export class Snapshot implements Reader {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number) {
    this.bytes = bytes;
    this.start = start;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  float(address: number): number {
    return this.#view.getFloat32(address - this.start, true);
  }

  double(address: number): number {
    return this.#view.getFloat64(address - this.start, true);
  }

  word(address: number): number {
    return this.#view.getUint32(address - this.start, true);
  }

  byte(address: number): number {
    return this.#view.getUint8(address - this.start);
  }
}
