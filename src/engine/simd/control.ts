/** What the threads of a team agree by: 32-bit words in shared memory. */
const RUN = 0;
const PROGRAM = 1;
const ARRIVED = 2;
const PHASE = 3;
const THREADS = 4;
const CONTROL_WORDS = 5;

/** About twenty microseconds, less than it takes to wake a thread that sleeps. */
const SPINS = 4000;

/** How the threads of a team start together and wait for each other between phases. */
export class Control {
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.words = words;
  }

  static forThreads(threads: number): Control {
    const control = new Control(new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS)));
    control.words[THREADS] = threads;
    return control;
  }

  /** Starts the threads that wait for a run. */
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

  /** Tells the others that this thread has ended a phase. Returns what `awaitPhase` is to wait for. */
  arrive(): number {
    const phase = Atomics.load(this.words, PHASE);
    if (Atomics.add(this.words, ARRIVED, 1) + 1 === this.words[THREADS]) {
      Atomics.store(this.words, ARRIVED, 0);
      Atomics.add(this.words, PHASE, 1);
      Atomics.notify(this.words, PHASE);
    }
    return phase;
  }

  /** Waits until all threads have ended the phase that `arrive` gave. Returns false if that takes more than `milliseconds`. */
  awaitPhase(phase: number, milliseconds: number): boolean {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.words, PHASE) !== phase) return true;
    // The thread that ended the phase before may be late in waking its sleepers, and wake this one instead.
    while (Atomics.load(this.words, PHASE) === phase) {
      if (Atomics.wait(this.words, PHASE, phase, milliseconds) === 'timed-out') return false;
    }
    return true;
  }
}
