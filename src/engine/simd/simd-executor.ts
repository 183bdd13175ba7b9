import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { GraphExecutor, GraphPlan } from '../graph-plan.ts';
import { ConstantWeights } from './compile/constant-weights.ts';
import { evaluateOnThisThread } from './compile/evaluate.ts';
import { foldConstants } from './compile/fold-constants.ts';
import { type CompiledGraph, compile } from './compile/inference.ts';
import { PlacedGraph } from './compile/placed-graph.ts';
import { sizeOf } from './compile/plain-tensor.ts';
import type { KernelMode, KernelModule } from './kernels/kernel-set.ts';
import { compileKernels, describeKernels } from './kernels/kernel-sets.ts';
import { SharedMemory } from './memory.ts';
import { type LoadedProgram, Team } from './team.ts';

/** The most batch sizes for which compiled programs are kept. */
const PROGRAMS = 8;
/** Milliseconds of consecutive runs after which the event loop gets a turn. */
const TURN_MS = 10;

export interface SimdExecutorOptions {
  /** Number of computing threads, the calling one included. Default: the number of available cores. */
  readonly threads?: number;
  /** The kernels for all layers. Default: each layer's sparsity decides. */
  readonly kernels?: KernelMode;
  /** Allow fused multiply-add; default true. */
  readonly relaxed?: boolean;
  /** Compiled kernels. Default: compiles them. */
  readonly module?: KernelModule;
}

interface Prepared extends CompiledGraph {
  readonly loaded: LoadedProgram;
}

/** Computes a frozen graph with SIMD kernels on threads, and skips the weights that are zero. */
export class SimdExecutor implements GraphExecutor {
  readonly description: string;
  readonly #memory: SharedMemory;
  readonly #graph: PlacedGraph;
  readonly #team: Team;
  /** Bytes of constants and weights, which stay allocated when a program is freed. */
  readonly #graphBytes: number;
  /** Programs by number of images, in the order of their last use. */
  readonly #programs = new Map<number, Prepared>();
  /** The program whose data is in memory. */
  #current: Prepared | undefined;
  #lastTurn = performance.now();
  #disposed = false;

  /** @throws UserError `graph`, naming the node, on what it cannot compute; `argument` unless `threads` is a whole number from 1 to 256 */
  constructor(
    plan: GraphPlan,
    {
      threads = availableParallelism(),
      kernels,
      relaxed = true,
      module = compileKernels(relaxed),
    }: SimdExecutorOptions = {},
  ) {
    this.description = describeKernels(module, threads);
    this.#memory = new SharedMemory(module.kernels);
    const folded = foldConstants(plan, (part) => evaluateOnThisThread(part, module));
    const weights = new ConstantWeights(this.#memory, folded, kernels);
    this.#graph = new PlacedGraph(this.#memory, folded, weights);
    this.#graphBytes = this.#memory.size;
    this.#team = new Team(module, this.#memory.memory, threads);
  }

  async run(images: Float32Array, batch: number): Promise<Float32Array> {
    if (this.#disposed) throw new Error('this executor has been disposed of');
    const prepared = this.#prepare(batch);
    this.#memory.floats(prepared.images, images.length).set(images);
    await this.#team.run(prepared.loaded);
    const { offset, shape } = prepared.output;
    const result = this.#memory.floats(offset, sizeOf(shape)).slice();
    await this.#yield();
    return result;
  }

  /** Bytes of shared memory, used or free. */
  get memoryBytes(): number {
    return this.#memory.memory.buffer.byteLength;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#programs.clear();
    await this.#team.dispose();
  }

  #prepare(batch: number): Prepared {
    const known = this.#programs.get(batch);
    const prepared = known ?? this.#compile(batch);
    if (this.#current !== prepared) {
      prepared.workspace.clear();
      this.#programs.delete(batch);
      this.#programs.set(batch, prepared);
      this.#forgetOldest();
    }
    this.#current = prepared;
    return prepared;
  }

  /** Compiles a program into the memory that all programs share. */
  #compile(batch: number): Prepared {
    // This overwrites the data of the program that ran last.
    this.#current = undefined;
    this.#memory.release(this.#graphBytes);
    const compiled = compile(this.#graph, batch, this.#team.threads);
    const threadMemory = compiled.workspace.placeThreadMemory();
    return { ...compiled, loaded: this.#team.load(compiled.program, threadMemory) };
  }

  #forgetOldest(): void {
    const [oldest] = this.#programs;
    if (!oldest || this.#programs.size <= PROGRAMS) return;
    this.#team.unload(oldest[1].loaded);
    this.#programs.delete(oldest[0]);
  }

  /** Lets the event loop turn now and then, since the calling thread computes, too, and blocks it. */
  async #yield(): Promise<void> {
    if (performance.now() - this.#lastTurn < TURN_MS) return;
    await setImmediate();
    this.#lastTurn = performance.now();
  }
}
