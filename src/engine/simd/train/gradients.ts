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
import type { WeightedLayerPlan } from './weighted.ts';

/** Memory that each thread has to itself: used up within one image's pass or, where there is one for each slot, within those of a few. */
export interface GradientBuffer {
  /** Bytes from one slot's to the next one's. */
  readonly step: number;
  at(position: Pick<Position, 'slot'>): number;
}

/** Gradients of an image; the values that fill rows up may be anything. */
export interface GradientPlanes extends GradientBuffer {
  readonly layout: Planes;
}

type ImageCalls = (position: Position) => Call[];
/** Sums the weight gradients of some images, of which the first is in slot 0, into those of their slice. */
type SumCalls = (first: Position, images: number, accumulate: boolean) => Call[];

/** Adds what computes the gradients of what a step has read. */
export type Backward = (gradients: Gradients) => void;

/** What of the forward pass the backward pass is made of. */
interface Forward {
  readonly graph: PlacedGraph;
  readonly workspace: Workspace;
  readonly backward: readonly { readonly step: Step; readonly add: Backward | undefined }[];
}

/** The backward pass of a graph, from the gradient of its output on. */
export class Gradients {
  readonly memory: SharedMemory;
  /** Offset of as many zeros as a layer may have inputs. */
  readonly zeros: number;
  /** Offset of a lowest output that bounds nothing. */
  readonly noFloor: number;
  /** What the loss leaves. */
  readonly output: BlockBuffer;
  readonly weighted: WeightedLayerPlan[] = [];
  readonly #workspace: Workspace;
  readonly #graph: PlacedGraph;
  readonly #weights: TrainedWeights;
  readonly #blocking: Blocking;
  readonly #learning = new Set<number>();
  readonly #planes = new Map<number, GradientPlanes>();
  /** Those that a reader has written; another one's are added. */
  readonly #written = new Set<number>();
  readonly #blocks = new Map<number, BlockBuffer>();
  readonly #phases: (() => Phase)[] = [];
  readonly #images: ImageCalls[] = [];
  readonly #sums: SumCalls[] = [];
  /** What comes after the step whose pass is being added. */
  #pending: (() => void)[] = [];

  /**
   * @param features values of each image that the loss is computed of
   * @throws UserError `graph`, naming the node, on what cannot be trained
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

  /** Whether weights come before a result, so that its gradient has a use. */
  learns(index: number): boolean {
    return this.#learning.has(featureSource(this.#graph.plan, index));
  }

  /** The gradient of planes. */
  of(index: number): GradientPlanes {
    const known = this.#planes.get(index);
    if (known) return known;
    const layout = this.#graph.planesOf(index);
    const producer = this.#graph.producer(index);
    // A convolution whose input does not learn sums weight gradients from here, not from a padded copy.
    const isSummed = producer?.kind === 'convolution' && !producer.pooling && !this.learns(producer.input);
    const made = { layout, ...this.own(layout.bytes, isSummed) };
    this.#planes.set(index, made);
    return made;
  }

  /** Where a reader of planes puts their gradient; undefined if it has no use. */
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

  /** The gradient of so many features. */
  blocks(index: number, features: number): BlockBuffer {
    const known = this.#blocks.get(index);
    if (known) return known;
    const step = features * this.#blocking.feature;
    const made = { offset: this.memory.allocate(this.#blocking.blocks * step), step, shift: 0 };
    this.#blocks.set(index, made);
    if (isImageStep(this.#graph.producer(index)))
      this.#pending.push(() => this.#fromFeatures(index, made, features));
    return made;
  }

  /** @param slotted whether one is needed for each slot */
  own(bytes: number, slotted: boolean): GradientBuffer {
    const step = slotted ? roundUp(bytes + this.memory.kernels.slackBytes, CACHE_LINE) : 0;
    const offset = this.#workspace.own(slotted ? SLOTS * step : bytes);
    return { step, at: ({ slot }) => offset + slot * step };
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

  /** Before all images. */
  addPhase(phase: () => Phase): void {
    this.#phases.push(phase);
  }

  addWeights(layer: WeightedLayerPlan): void {
    this.weighted.unshift(layer);
  }

  phases(images: number): Phase[] {
    const phases = this.#phases.map((phase) => phase());
    return this.#images.length === 0 ? phases : [...phases, this.#imagePhase(images)];
  }

  /** Each task takes one slice of the batch through all images' passes. */
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

  /** From blocks to rows, and from these to planes. */
  #fromFeatures(index: number, d: BlockBuffer, count: number): void {
    const blocking = this.#blocking;
    const step = 4 * roundUp(count, this.memory.kernels.lanes);
    const rows = this.memory.allocate(blocking.images * step);
    const target = this.of(index);
    this.#written.add(index);
    this.addPhase(() =>
      Array.from({ length: blocking.blocks }, (_, block) => [
        {
          kernel: 'transpose',
          source: d.offset + block * d.step,
          target: rows + block * blocking.blockImages * step,
          rows: count,
          columns: imagesOf(blocking, block),
          sourceRow: blocking.feature,
          targetRow: step,
        },
      ]),
    );
    this.add((position) => [toPlanesCall(rows + position.image * step, target.layout, target.at(position))]);
  }

  #settle(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const add of pending) add();
  }
}

/** The most inputs of any layer with weights. */
function mostInputs({ steps, plan }: PlacedGraph): number {
  return steps.reduce(
    (most, step) => ('weights' in step ? Math.max(most, plan.operations[step.weights]!.shape.at(-2)!) : most),
    0,
  );
}
