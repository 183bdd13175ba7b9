import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import type { Network } from '../../model/network.ts';
import { checkLabels, checkLength, checkMask, imageCount } from '../batch.ts';
import type { Engine, StepOptions, StepResult } from '../engine.ts';
import { type NetworkPlan, type NetworkValues, networkPlan } from '../network-plan.ts';
import { checkComputable } from './computable.ts';
import { FrozenNetwork } from './frozen-network.ts';
import type { KernelMode, KernelModule } from './kernels/kernel-set.ts';
import { compileKernels, describeKernels } from './kernels/kernel-sets.ts';
import { SharedMemory } from './memory.ts';
import type { Program } from './program.ts';
import { type LoadedProgram, Team } from './team.ts';
import {
  type LayerParameters,
  placeParameters,
  type VariablePlace,
  variablePlaces,
} from './train/parameters.ts';
import { stepResult } from './train/step-result.ts';
import { TrainingGraph } from './train/training-graph.ts';

export interface SimdEngineOptions {
  /** Number of computing threads, the calling one included. Default: the number of available cores. */
  readonly threads?: number;
  /** The kernels for all layers. Default: each layer's sparsity decides. */
  readonly kernels?: KernelMode;
  /** Allow fused multiply-add, which is faster and rounds once instead of twice; default true. */
  readonly relaxed?: boolean;
  /** Compiled kernels. Default: compiles them. */
  readonly module?: KernelModule;
}

/** Computes with SIMD kernels on threads, and skips the weights that masks have pruned. */
export class SimdEngine implements Engine {
  readonly name = 'simd';
  readonly description: string;
  readonly network: Network;
  readonly #memory: SharedMemory;
  readonly #team: Team;
  readonly #parameters: readonly LayerParameters[];
  readonly #places: ReadonlyMap<string, VariablePlace>;
  readonly #options: SimdEngineOptions;
  /** Bytes of the parameters, which stay allocated when a training graph is freed. */
  readonly #parameterBytes: number;
  readonly #plan: NetworkPlan;
  #graph: TrainingGraph | undefined;
  readonly #programs = new Map<string, LoadedProgram>();
  /** Whether masks have changed since surviving weights were last listed. */
  #hasStaleLists = true;
  /** The network that `forward` runs; undefined after variables or masks have changed. */
  #frozen: FrozenNetwork | undefined;
  #computing = false;
  #disposed = false;

  /** @throws UserError `network` if it cannot be computed, `argument` unless `threads` is a whole number from 1 to 256 */
  constructor(
    network: Network,
    {
      threads = availableParallelism(),
      kernels,
      relaxed = true,
      module = compileKernels(relaxed),
    }: SimdEngineOptions = {},
  ) {
    checkComputable(network);
    this.network = network;
    this.#plan = networkPlan(network);
    this.description = describeKernels(module, threads);
    this.#options = { threads, module, ...(kernels && { kernels }) };
    this.#memory = new SharedMemory(module.kernels);
    this.#parameters = placeParameters(this.#memory, network);
    this.#places = variablePlaces(this.#parameters);
    this.#parameterBytes = this.#memory.size;
    this.#team = new Team(module, this.#memory.memory, threads);
  }

  reserve(images: number): void {
    this.#graphFor(images);
  }

  setVariables(values: ReadonlyMap<string, Float32Array>): void {
    this.#requireUsable();
    for (const [name, array] of values) checkLength(`variable ${name}`, this.#placeOf(name).shape, array);
    for (const [name, array] of values) {
      const { offset, size } = this.#placeOf(name);
      this.#memory.floats(offset, size).set(array);
    }
    this.#forgetFrozen();
  }

  async readVariables(names: readonly string[]): Promise<Map<string, Float32Array>> {
    this.#requireUsable();
    return new Map(
      names.map((name) => {
        const { offset, size } = this.#placeOf(name);
        return [name, Float32Array.from(this.#memory.floats(offset, size))];
      }),
    );
  }

  setMasks(masks: ReadonlyMap<string, Float32Array>): void {
    this.#requireUsable();
    for (const [name, mask] of masks) checkMask(name, this.#maskedBy(name).weights.shape, mask);
    for (const [name, mask] of masks) {
      const { mask: offset, weights } = this.#maskedBy(name);
      this.#memory.floats(offset, weights.size).set(mask);
      // Sparse kernels do not write the gradients of pruned weights, so they must be zero already.
      this.#memory.floats(weights.gradient, weights.size).fill(0);
    }
    this.#hasStaleLists = true;
    this.#forgetFrozen();
  }

  trainStep(images: Float32Array, labels: Uint8Array, options: StepOptions): Promise<StepResult> {
    return this.#alone(() => this.#trainStep(images, labels, options));
  }

  forward(images: Float32Array): Promise<Float32Array> {
    return this.#alone(() => this.#forward(images));
  }

  async #trainStep(images: Float32Array, labels: Uint8Array, options: StepOptions): Promise<StepResult> {
    const count = imageCount(this.network, images);
    checkLabels(this.network, count, labels);
    const { observe = false } = options;
    const graph = this.#graphFor(count);
    graph.feed(images, labels, options);
    await this.#list(graph);
    this.#forgetFrozen();
    await this.#run(graph, observe ? 'observed step' : 'step', () => graph.step(observe));
    // The calling thread computes, too, and has blocked the event loop: let it turn.
    await setImmediate();
    return stepResult(this.#memory, graph, observe);
  }

  async #forward(images: Float32Array): Promise<Float32Array> {
    const count = imageCount(this.network, images);
    this.#requireUsable();
    this.#frozen ??= new FrozenNetwork(this.network, this.#present(), this.#options);
    return this.#frozen.logits(images, count);
  }

  /** Copies of the present variables and masks. */
  #present(): NetworkValues {
    const copyOf = (offset: number, size: number) => this.#memory.floats(offset, size).slice();
    const variables = this.#parameters.flatMap(({ weights, biases }) => [weights, biases]);
    return {
      variables: new Map(variables.map(({ name, values, size }) => [name, copyOf(values, size)])),
      masks: new Map(this.#parameters.map(({ weights, mask }) => [weights.name, copyOf(mask, weights.size)])),
    };
  }

  /** Call this whenever variables or masks change. */
  #forgetFrozen(): void {
    void this.#frozen?.dispose();
    this.#frozen = undefined;
  }

  /** Bytes of shared memory in use. */
  get memoryBytes(): number {
    return this.#memory.size;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([this.#team.dispose(), this.#frozen?.dispose()]);
  }

  #requireUsable(): void {
    if (this.#disposed) throw new Error('this engine has been disposed of');
  }

  /** Refuses overlapping calls: they share memory and would overwrite each other's values. */
  async #alone<Result>(compute: () => Promise<Result>): Promise<Result> {
    if (this.#computing)
      throw new UserError('engine', 'the engine is computing already', 'Await one call before the next.');
    this.#computing = true;
    try {
      return await compute();
    } finally {
      this.#computing = false;
    }
  }

  /** The training graph for batches of this many images. Only one is kept: another number of images replaces it. */
  #graphFor(images: number): TrainingGraph {
    this.#requireUsable();
    if (this.#graph?.images === images) return this.#graph;
    this.#forgetPrograms();
    // The constructor throws if memory runs out; then there must be no stale graph.
    this.#graph = undefined;
    this.#memory.release(this.#parameterBytes);
    const { threads } = this.#team;
    this.#graph = new TrainingGraph(
      this.#memory,
      this.network,
      this.#plan,
      this.#parameters,
      images,
      threads,
    );
    this.#hasStaleLists = true;
    return this.#graph;
  }

  /** If masks have changed, chooses kernels by their sparsity and lists the surviving weights. */
  async #list(graph: TrainingGraph): Promise<void> {
    if (!this.#hasStaleLists) return;
    graph.chooseKernels(this.#options.kernels);
    this.#forgetPrograms();
    await this.#run(graph, 'list', () => graph.listing());
    this.#hasStaleLists = false;
  }

  async #run({ threadMemory }: TrainingGraph, name: string, makeProgram: () => Program): Promise<void> {
    const program = this.#programs.get(name) ?? this.#team.load(makeProgram(), threadMemory);
    this.#programs.set(name, program);
    await this.#team.run(program);
  }

  #forgetPrograms(): void {
    for (const program of this.#programs.values()) this.#team.unload(program);
    this.#programs.clear();
  }

  #placeOf(name: string): VariablePlace {
    const place = this.#places.get(name);
    if (place) return place;
    throw unknown('variable', name, [...this.#places.keys()]);
  }

  #maskedBy(weightsName: string): LayerParameters {
    const found = this.#parameters.find(({ weights }) => weights.name === weightsName);
    if (found) return found;
    throw unknown(
      'mask of',
      weightsName,
      this.#parameters.map(({ weights }) => weights.name),
    );
  }
}

function unknown(what: string, name: string, known: readonly string[]): UserError {
  return new UserError('engine', `the network has no ${what} ${name}`, `Name one of ${known.join(', ')}.`);
}
