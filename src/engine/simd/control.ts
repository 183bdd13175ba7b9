/** Indices of 32-bit words in shared memory by which the threads of a team synchronize. */
const RUN = 0;
const PROGRAM = 1;
const ARRIVED = 2;
const PHASE = 3;
const THREADS = 4;
const CONTROL_WORDS = 5;

/** Loads before a waiting thread sleeps. They take about 20 microseconds, less than it takes to wake a sleeping thread. */
const SPINS = 4000;

/** Starts the threads of a team together and makes them wait for each other between phases. */
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

  /** Starts a run of the program with this id: wakes the threads in `awaitRunAfter`. */
  start(program: number): void {
    Atomics.store(this.words, PROGRAM, program);
    Atomics.add(this.words, RUN, 1);
    Atomics.notify(this.words, RUN);
  }

  /** Sleeps until the run after the one numbered `last` starts; numbers wrap around. Returns the id of its program. */
  awaitRunAfter(last: number): number {
    while (Atomics.load(this.words, RUN) === last) Atomics.wait(this.words, RUN, last);
    return Atomics.load(this.words, PROGRAM);
  }

  /** Reports that this thread has ended a phase. Returns the number of the phase, for `awaitPhase`. */
  arrive(): number {
    const phase = Atomics.load(this.words, PHASE);
    if (Atomics.add(this.words, ARRIVED, 1) + 1 === this.words[THREADS]) {
      Atomics.store(this.words, ARRIVED, 0);
      Atomics.add(this.words, PHASE, 1);
      Atomics.notify(this.words, PHASE);
    }
    return phase;
  }

  /** Waits until all threads have ended this phase. Returns false if that takes longer than `milliseconds`. */
  awaitPhase(phase: number, milliseconds: number): boolean {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(this.words, PHASE) !== phase) return true;
    // A late wake-up of the phase before can wake this thread too early, so the loop looks again.
    while (Atomics.load(this.words, PHASE) === phase) {
      if (Atomics.wait(this.words, PHASE, phase, milliseconds) === 'timed-out') return false;
    }
    return true;
  }
}
