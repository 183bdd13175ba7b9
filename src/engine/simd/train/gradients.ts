import { UserError } from '../../../errors.ts';
import { type BlockBuffer, type Blocking, imagesOf } from '../compile/feature-blocks.ts';
import { featureSource } from '../compile/needs.ts';
import type { PlacedGraph } from '../compile/placed-graph.ts';
import { inputsOf, isImageStep, type Step, type WeightedStep } from '../compile/steps.ts';
import type { Workspace } from '../compile/workspace.ts';
import { CACHE_LINE, roundUp, type SharedMemory } from '../memory.ts';
import { addCall, type Planes, toPlanesCall } from '../planes.ts';
import type { Call, Phase } from '../program.ts';
import type { WeightPlaces } from '../taps.ts';
import { type Position, SLOTS, slicesOf } from './slices.ts';
import type { Trained, TrainedWeights } from './trained-weights.ts';
import type { TrainedLayer } from './weighted.ts';

/** A thread's own memory for gradients. One place per slot is valid until the slots are summed; a single place, for one image only. */
export interface GradientBuffer {
  /** Bytes from one slot's place to the next one's; 0 if there is a single place. */
  readonly stride: number;
  at(position: Pick<Position, 'slot'>): number;
}

/** Gradients of an image as planes. The values between `columns` and `filled` of a row are undefined. */
export interface GradientPlanes extends GradientBuffer {
  readonly layout: Planes;
}

type ImageCalls = (position: Position) => Call[];
/** Makes calls that add the weight gradients of `images` images, the first of them in slot 0, to those of their slice. */
type SumCalls = (first: Position, images: number, accumulate: boolean) => Call[];

/** Adds the backward pass of a step: the work that computes the gradients of its inputs, weights and biases. */
export type Backward = (gradients: Gradients) => void;

/** The parts of a lowered forward pass from which the backward pass is made. */
interface Forward {
  readonly graph: PlacedGraph;
  readonly workspace: Workspace;
  readonly backward: readonly { readonly step: Step; readonly add: Backward | undefined }[];
}

/** The backward pass of a graph. It starts with the gradient of the graph's output. */
export class Gradients {
  readonly memory: SharedMemory;
  /** Address of zeros, as many as the largest number of inputs of a layer: biases for correlations without bias. */
  readonly zeros: number;
  /** Address of -Infinity: a lowest output for correlations without ReLU. */
  readonly noFloor: number;
  /** Where the loss writes the gradient of the output. */
  readonly output: BlockBuffer;
  readonly weighted: TrainedLayer[] = [];
  readonly #workspace: Workspace;
  readonly #graph: PlacedGraph;
  readonly #weights: TrainedWeights;
  readonly #blocking: Blocking;
  readonly #learning = new Set<number>();
  readonly #planes = new Map<number, GradientPlanes>();
  /** Planes whose gradient one reader has written; the gradients from other readers are added to it. */
  readonly #written = new Set<number>();
  readonly #blocks = new Map<number, BlockBuffer>();
  readonly #phases: (() => Phase)[] = [];
  readonly #images: ImageCalls[] = [];
  readonly #sums: SumCalls[] = [];
  /** Work to add after the present step's backward pass. */
  #pending: (() => void)[] = [];

  /**
   * @param features number of outputs per image, from which the loss is computed
   * @throws UserError `graph`, naming the node, if an operation cannot be trained
   */
  constructor(
    { graph, workspace, backward }: Forward,
    weights: TrainedWeights,
    blocking: Blocking,
    features: number,
  ) {
    this.memory = workspace.memory;
    this.noFloor = graph.floor(false);
    this.#workspace = workspace;
    this.#graph = graph;
    this.#weights = weights;
    this.#blocking = blocking;
    for (const step of graph.steps) {
      const isWeighted = step.kind === 'convolution' || step.kind === 'fully_connected';
      if (isWeighted || inputsOf(step).some((input) => this.learns(input))) this.#learning.add(step.output);
    }
    this.zeros = this.memory.allocate(4 * mostInputs(graph));
    this.output = this.blocks(featureSource(graph.plan, graph.plan.output), features);
    this.#settle();
    for (const { step, add } of backward.toReversed()) {
      if (!this.#learning.has(step.output)) continue;
      if (!add) {
        const { name, compute } = graph.plan.operations[step.output]!;
        throw new UserError('graph', `node ${name} (${compute.op}) cannot be trained by the simd engine`);
      }
      add(this);
      this.#settle();
    }
  }

  /** Whether a result depends on trained weights, so that its gradient is needed. */
  learns(index: number): boolean {
    return this.#learning.has(featureSource(this.#graph.plan, index));
  }

  /** Where the gradient of an operation's planes lies. */
  of(index: number): GradientPlanes {
    const known = this.#planes.get(index);
    if (known) return known;
    const layout = this.#graph.planesOf(index);
    const producer = this.#graph.producer(index);
    // If a convolution's input does not learn, it makes no padded copy, and its weight gradients are summed from here, slot by slot.
    const isSummed = producer?.kind === 'convolution' && !producer.pooling && !this.learns(producer.input);
    const made = { layout, ...this.own(layout.bytes, isSummed) };
    this.#planes.set(index, made);
    return made;
  }

  /** Where a step that reads planes writes their gradient; undefined if it is not needed. Several readers' gradients are added. */
  target(index: number): GradientPlanes | undefined {
    if (!this.learns(index)) return undefined;
    const total = this.of(index);
    if (!this.#written.has(index)) {
      this.#written.add(index);
      return total;
    }
    const { layout } = total;
    const part = { layout, ...this.own(layout.bytes, false) };
    this.#pending.push(() =>
      this.add((position) => {
        const d = total.at(position);
        return [addCall(d, part.at(position), d, layout.bytes / 4)];
      }),
    );
    return part;
  }

  /** Where the gradient of an operation's features lies. */
  blocks(index: number, features: number): BlockBuffer {
    const known = this.#blocks.get(index);
    if (known) return known;
    const stride = features * this.#blocking.feature;
    const made = { offset: this.memory.allocate(this.#blocking.blocks * stride), stride, shift: 0 };
    this.#blocks.set(index, made);
    if (isImageStep(this.#graph.producer(index)))
      this.#pending.push(() => this.#fromFeatures(index, made, features));
    return made;
  }

  /** Allocates memory that each thread has for itself. @param slotted whether each slot needs a place of its own */
  own(bytes: number, slotted: boolean): GradientBuffer {
    const stride = slotted ? roundUp(bytes + this.memory.kernels.slackBytes, CACHE_LINE) : 0;
    const offset = this.#workspace.own(slotted ? SLOTS * stride : bytes);
    return { stride, at: ({ slot }) => offset + slot * stride };
  }

  trained(step: WeightedStep): Trained {
    return this.#weights.of(step);
  }

  places(step: WeightedStep): WeightPlaces {
    return this.#weights.places(step);
  }

  add(calls: ImageCalls): void {
    this.#images.push(calls);
  }

  addSum(calls: SumCalls): void {
    this.#sums.push(calls);
  }

  /** Adds a phase that runs before the phase of all images. */
  addPhase(phase: () => Phase): void {
    this.#phases.push(phase);
  }

  addWeights(layer: TrainedLayer): void {
    this.weighted.unshift(layer);
  }

  phases(images: number): Phase[] {
    const phases = this.#phases.map((phase) => phase());
    return this.#images.length === 0 ? phases : [...phases, this.#imagePhase(images)];
  }

  /** The phase in which each task takes the images of one slice through the backward pass. */
  #imagePhase(images: number): Phase {
    return slicesOf(images).map((slice) =>
      slice.flatMap((at, number) => {
        const calls = this.#images.flatMap((make) => make(at));
        if (at.slot < SLOTS - 1 && number < slice.length - 1) return calls;
        const first = number - at.slot;
        return [...calls, ...this.#sums.flatMap((make) => make(slice[first]!, at.slot + 1, first > 0))];
      }),
    );
  }

  /** Copies a gradient from blocks of features to rows, one per image, and from rows to planes. */
  #fromFeatures(index: number, d: BlockBuffer, count: number): void {
    const blocking = this.#blocking;
    const stride = 4 * roundUp(count, this.memory.kernels.lanes);
    const rows = this.memory.allocate(blocking.images * stride);
    const target = this.of(index);
    this.#written.add(index);
    this.addPhase(() =>
      Array.from({ length: blocking.blocks }, (_, block) => [
        {
          kernel: 'transpose',
          source: d.offset + block * d.stride,
          target: rows + block * blocking.blockImages * stride,
          rows: count,
          columns: imagesOf(blocking, block),
          sourceRow: blocking.feature,
          targetRow: stride,
        },
      ]),
    );
    this.add((position) => [
      toPlanesCall(rows + position.image * stride, target.layout, target.at(position)),
    ]);
  }

  #settle(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const add of pending) add();
  }
}

/** The largest number of inputs, or of input channels, of a layer with weights. */
function mostInputs({ steps, plan }: PlacedGraph): number {
  return steps.reduce(
    (most, step) => ('weights' in step ? Math.max(most, plan.operations[step.weights]!.shape.at(-2)!) : most),
    0,
  );
}
