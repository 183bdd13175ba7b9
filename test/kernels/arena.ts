import fc, { type GeneratorValue } from 'fast-check';
import { SharedMemory } from '../../src/engine/simd/memory.ts';
import { type RandomStream, randomStream } from '../../src/random.ts';

const BYTES = 1 << 18;

/** NaNs, so that whatever is computed with them shows, and each another, so that copies of them show, too. */
const CANARIES = Uint32Array.from({ length: BYTES / 4 }, (_, word) => 0x7fc0_0000 + 3 * word);

/** Each call has it to itself. */
export const MEMORY = new SharedMemory();
const START = MEMORY.allocate(BYTES);

/** Memory for one call: buffers are drawn, and what is between them is filled with canaries. */
export class Arena {
  readonly #draw: GeneratorValue;
  readonly #random: RandomStream;
  #top = START + 64;

  constructor(draw: GeneratorValue) {
    this.#draw = draw;
    MEMORY.integers(START, BYTES / 4).set(CANARIES);
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
    if (this.#top > START + BYTES) throw new Error('the arena is too small');
    return offset;
  }

  /** A buffer of random float32 values, of which some are equal, and some zero. */
  floats(count: number, value: (index: number) => number = () => this.value()): number {
    const offset = this.room(4 * count);
    const values = MEMORY.floats(offset, count);
    for (let i = 0; i < count; i++) values[i] = value(i);
    return offset;
  }

  /** Between -2 and 2, one in four a quarter of a whole number. */
  value(): number {
    return this.index(4) === 0 ? (this.index(17) - 8) / 4 : this.real(-2, 2);
  }

  words(values: readonly number[]): number {
    const offset = this.room(4 * values.length);
    MEMORY.integers(offset, values.length).set(values);
    return offset;
  }

  setWord(address: number, value: number): void {
    MEMORY.integers(address, 1)[0] = value;
  }

  /** A mask of about half ones. */
  mask(count: number): number {
    return this.floats(count, () => this.index(2));
  }

  bytes(values: readonly number[]): number {
    const offset = this.room(values.length);
    MEMORY.bytes(offset, values.length).set(values);
    return offset;
  }

  /** What is in the arena now. */
  snapshot(): Snapshot {
    return new Snapshot(Uint8Array.from(MEMORY.bytes(START, BYTES)), START);
  }
}

/** What was in memory at some time, by address. */
export class Snapshot {
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
