import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import { startWorker } from '../../worker.ts';
import { MAX_THREADS } from '../max-threads.ts';
import { Control } from './control.ts';
import type { KernelModule, MakeCalls } from './kernels/kernel-set.ts';
import { callsOf, encodeProgram, type Program, phaseCount, rewind, type ThreadMemory } from './program.ts';
import { runPhase } from './run-phase.ts';

/** The data that a worker of a team starts with. */
export interface TeamWorkerData {
  /** The name of the set of kernels, as `kernelSetNamed` takes it. */
  readonly kernels: string;
  readonly code: KernelModule['code'];
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array<SharedArrayBuffer>;
  /** The worker's number, from 1 on; the calling thread is 0. */
  readonly thread: number;
}

/** A program that has been sent to all threads of a team. */
export interface LoadedProgram {
  readonly id: number;
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The program for the calling thread, as `callsOf` returns it. */
  readonly calls: Int32Array;
}

/** How long the calling thread blocks before it yields to the event loop, which alone reports that a worker has died. */
const PATIENCE_MS = 100;

/**
 * Threads that run programs together; the calling thread is one of them. Which thread runs which task is left to chance. Tasks of a
 * phase write to different places, so results do not depend on it.
 */
export class Team {
  readonly threads: number;
  readonly workers: readonly Worker[];
  readonly #control: Control;
  readonly #makeCalls: MakeCalls;
  #nextId = 0;
  #failure: Error | undefined;

  /**
   * @param threads the calling one included
   * @throws UserError `argument` unless `threads` is a whole number from 1 to 256
   */
  constructor({ kernels, code }: KernelModule, memory: WebAssembly.Memory, threads: number) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new UserError(
        'argument',
        `threads is ${threads}; expected a whole number from 1 to ${MAX_THREADS}`,
      );
    }
    this.threads = threads;
    this.#control = Control.forThreads(threads);
    this.#makeCalls = kernels.open(code, memory);
    this.workers = Array.from({ length: threads - 1 }, (_, worker) => worker + 1).map((thread) => {
      const workerData: TeamWorkerData = {
        kernels: kernels.name,
        code,
        memory,
        control: this.#control.words,
        thread,
      };
      const worker = startWorker('./team-worker', import.meta.url, { workerData });
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', (code) => this.#fail(new Error(`it ended with code ${code}`)));
      worker.unref();
      return worker;
    });
  }

  load(program: Program, threadMemory?: ThreadMemory): LoadedProgram {
    const id = this.#nextId++;
    const words = encodeProgram(program, threadMemory);
    for (const worker of this.workers) worker.postMessage({ id, words });
    return { id, words, calls: callsOf(words, 0) };
  }

  unload({ id }: LoadedProgram): void {
    for (const worker of this.workers) worker.postMessage({ id });
  }

  /**
   * Runs a program to its end. Calls must not overlap.
   *
   * @throws UserError `engine` if a thread has died; the team is unusable afterwards
   */
  async run({ id, words, calls }: LoadedProgram): Promise<void> {
    if (this.#failure) throw this.#failure;
    // Threads wait for each other only after a phase, so a program without phases must not start them.
    if (phaseCount(words) === 0) return;
    rewind(words);
    if (this.workers.length > 0) this.#control.start(id);
    try {
      for (let phase = 0; phase < phaseCount(words); phase++) {
        runPhase(this.#makeCalls, words, calls, phase);
        if (this.workers.length > 0) await this.#othersAfter(this.#control.arrive());
      }
    } catch (error) {
      this.#fail(error as Error);
      throw this.#failure;
    }
  }

  /** Ends the worker threads. The team is unusable afterwards. */
  async dispose(): Promise<void> {
    this.#failure ??= new Error('these threads have been disposed of');
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  async #othersAfter(phase: number): Promise<void> {
    let milliseconds = PATIENCE_MS;
    while (!this.#control.awaitPhase(phase, milliseconds)) {
      milliseconds = 0;
      await setTimeout(1);
      if (this.#failure) throw this.#failure;
    }
  }

  #fail(cause: Error): void {
    if (this.#failure) return;
    this.#failure = new UserError(
      'engine',
      `a computing thread failed: ${cause.message}`,
      'Run it again, perhaps with fewer --threads, which need less memory; training goes on from the last checkpoint.',
      { cause },
    );
    for (const worker of this.workers) void worker.terminate();
  }
}
