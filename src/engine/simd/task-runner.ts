import { KERNELS, type Kernel, type Kernels } from './kernels/signatures.ts';
import { takeTask } from './program.ts';

/** Runs tasks on the calling thread. */
export class TaskRunner {
  readonly #kernels: readonly Kernel[];

  constructor(kernels: Kernels) {
    this.#kernels = KERNELS.map((name) => kernels[name]);
  }

  /**
   * Takes tasks of a phase and runs them until none is left.
   *
   * @param calls what `callsOf` gives for this thread
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
