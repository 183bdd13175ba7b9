import { KERNELS, type Kernel, type Kernels } from './kernels/signatures.ts';
import { takeTask } from './program.ts';

/** What the lanes of a team agree by: 32-bit words in shared memory. */
const RUN = 0;
const PROGRAM = 1;
const ARRIVED = 2;
const PHASE = 3;
const LANES = 4;
const CONTROL_WORDS = 5;

/** About twenty microseconds, less than it takes to wake a thread that sleeps. */
const SPINS = 4000;

/** How the lanes of a team, one a thread, start together and wait for each other between phases. */
export class Control {
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.words = words;
  }

  static forLanes(lanes: number): Control {
    const control = new Control(new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS)));
    control.words[LANES] = lanes;
    return control;
  }

  /** Starts the lanes that wait for a run. */
  start(program: number): void {
    Atomics.store(this.words, PROGRAM, program);
    Atomics.add(this.words, RUN, 1);
    Atomics.notify(this.words, RUN);
  }

  /** Sleeps until the run after the one numbered `last` starts; numbers wrap around. Returns its program. */
  awaitRunAfter(last: number): number {
    while (Atomics.load(this.words, RUN) === last) Atomics.wait(this.words, RUN, last);
    return Atomics.load(this.words, PROGRAM);
  }

  /** Tells the others that this lane has ended a phase. Returns what `awaitPhase` is to wait for. */
  arrive(): number {
    const phase = Atomics.load(this.words, PHASE);
    if (Atomics.add(this.words, ARRIVED, 1) + 1 === this.words[LANES]) {
      Atomics.store(this.words, ARRIVED, 0);
      Atomics.add(this.words, PHASE, 1);
      Atomics.notify(this.words, PHASE);
    }
    return phase;
  }

  /** Waits until all lanes have ended the phase that `arrive` gave. Returns false if that takes more than `milliseconds`. */
  awaitPhase(phase: number, milliseconds: number): boolean {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.words, PHASE) !== phase) return true;
    // The lane that ended the phase before may be late in waking its sleepers, and wake this one instead.
    while (Atomics.load(this.words, PHASE) === phase) {
      if (Atomics.wait(this.words, PHASE, phase, milliseconds) === 'timed-out') return false;
    }
    return true;
  }
}

/** Runs tasks on the thread that owns it. */
export class Lane {
  readonly #kernels: readonly Kernel[];

  constructor(kernels: Kernels) {
    this.#kernels = KERNELS.map((name) => kernels[name]);
  }

  /**
   * Takes tasks of a phase and runs them until none is left.
   *
   * @param calls what `callsOf` gives for this lane
   */
  runPhase(program: Int32Array, calls: Int32Array, phase: number): void {
    for (let task = takeTask(program, phase); task; task = takeTask(program, phase)) {
      const [begin, end] = task;
      for (let word = begin; word < end; word += 2 + calls[word + 1]!) this.#call(calls, word);
    }
  }

  /** A kernel ignores what lies beyond its arguments; a call of fixed length is ten times as fast as one with an array. */
  #call(p: Int32Array, word: number): void {
    const kernel = this.#kernels[p[word]!]!;
    const a = word + 2;
    kernel(
      p[a]!,
      p[a + 1]!,
      p[a + 2]!,
      p[a + 3]!,
      p[a + 4]!,
      p[a + 5]!,
      p[a + 6]!,
      p[a + 7]!,
      p[a + 8]!,
      p[a + 9]!,
      p[a + 10]!,
      p[a + 11]!,
      p[a + 12]!,
      p[a + 13]!,
      p[a + 14]!,
      p[a + 15]!,
      p[a + 16]!,
    );
  }
}
