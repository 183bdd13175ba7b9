import type { FeatureTile } from '../kernels/kernel-set.ts';
import { CACHE_LINE, roundUp } from '../memory.ts';
import type { Phase, Program } from '../program.ts';
import type { Backward } from '../train/gradients.ts';
import { copyWork, gatherWork } from './copies.ts';
import { type BlockBuffer, type Blocking, loneShift } from './feature-blocks.ts';
import type { ImageBuffer, ImageLayout } from './image-buffer.ts';
import type { PlacedGraph } from './placed-graph.ts';
import { itemSize, type PlainTensor, sizeOf } from './plain-tensor.ts';
import type { Segment } from './segment.ts';
import { type Sharing, segmentsOf } from './sharing.ts';
import { type FullyConnectedStep, type ImageStep, isImageStep, type Step } from './steps.ts';
import type { Places, Workspace } from './workspace.ts';

/** The forward pass of a graph on a batch: the memory for results of steps, and the work that computes them. */
export class Lowering {
  readonly graph: PlacedGraph;
  readonly workspace: Workspace;
  /** Address of the batch's images. */
  readonly input: number;
  /** For each step, in order, the function that adds its backward pass. */
  readonly backward: { readonly step: Step; readonly add: Backward | undefined }[] = [];
  readonly #batch: number;
  readonly #sharing: Sharing;
  readonly #plain = new Map<number, PlainTensor>();
  readonly #images = new Map<number, ImageBuffer>();
  readonly #blocks = new Map<number, BlockBuffer>();
  readonly #observed = new Map<number, number>();
  readonly #pieces: Pick<Segment, 'phases'>[] = [];
  /** The segment of each step, apart from plain steps. */
  readonly #segments: ReadonlyMap<Step, Segment>;
  #open: Segment | undefined;
  /** Planes that the open segment makes of row-major images. */
  #imports = new Map<number, ImageBuffer>();

  /**
   * @param lower adds the work of a step
   * @throws UserError `graph`, naming the node, if an operation cannot be computed
   */
  constructor(
    graph: PlacedGraph,
    batch: number,
    workspace: Workspace,
    sharing: Sharing,
    lower: (step: Step, at: Lowering) => Backward | undefined,
  ) {
    this.graph = graph;
    this.workspace = workspace;
    this.#batch = batch;
    this.#sharing = sharing;
    this.#segments = segmentsOf(graph.steps, sharing, (index) => this.#shape(index)[0]!);
    const { operations } = graph.plan;
    const placeholder = operations.findIndex(({ compute }) => compute.op === 'Placeholder');
    this.input = placeholder === -1 ? 0 : this.newPlain(placeholder).offset;
    for (const step of graph.steps) {
      const segment = this.#segments.get(step);
      if (segment !== this.#open) this.#close();
      this.#open = segment;
      this.backward.push({ step, add: lower(step, this) });
      if (isImageStep(step) && graph.need(step.output).plain)
        this.segment.add(copyWork(this.newPlain(step.output).offset, this.images(step.output), 'toImages'));
    }
    this.#close();
  }

  /** The program of the forward pass. @param observe whether it copies the outputs of layers with weights, see `observed` */
  program(observe: boolean): Program {
    return this.#pieces.flatMap((piece) => piece.phases(observe)).filter((phase) => phase.length > 0);
  }

  /** The open segment, to which the present step adds its work. */
  get segment(): Segment {
    return this.#open!;
  }

  /** Adds phases that run before the open segment. */
  addPhases(...phases: Phase[]): void {
    this.#pieces.push({ phases: () => phases });
  }

  /** An operation's result as a row-major tensor. */
  plain(index: number): PlainTensor {
    const constant = this.graph.constant(index);
    if (constant !== undefined) return { offset: constant, shape: this.#shape(index) };
    return this.#plain.get(index)!;
  }

  newPlain(index: number): PlainTensor {
    const shape = this.#shape(index);
    return this.alias(index, this.workspace.shared(4 * sizeOf(shape)));
  }

  /** Gives an operation's result the memory at this address, which may be another result's. */
  alias(index: number, offset: number): PlainTensor {
    const tensor = { offset, shape: this.#shape(index) };
    this.#plain.set(index, tensor);
    return tensor;
  }

  /** An operation's result as planes. If it is row-major, the open segment first copies it to planes. */
  images(index: number): ImageBuffer {
    const known = this.#images.get(index) ?? this.#imports.get(index);
    if (known) return known;
    const isOwn = !this.segment.split && !this.graph.keeps(index);
    const made = this.#planes(this.graph.layout(index), isOwn);
    this.segment.add(copyWork(this.plain(index).offset, made, 'toPlanes'));
    this.#imports.set(index, made);
    return made;
  }

  /** New planes for a step's result. */
  newImages(step: ImageStep): ImageBuffer {
    const made = this.#planes(this.graph.layout(step.output), this.#isOwn(step));
    this.#images.set(step.output, made);
    return made;
  }

  /** The features that a fully connected layer reads. The open segment first gathers them into blocks if necessary. */
  features(step: FullyConnectedStep): BlockBuffer {
    const { source, form } = this.graph.featureForm(step);
    if (form === 'blocks') return this.#blocks.get(source)!;
    const images = this.#images.get(source);
    const { offset, stride, bytes } =
      form === 'images' ? { ...images!, bytes: images!.layout.bytes } : this.rows(source);
    const blocking = this.blocking(step);
    if (blocking.lone) return { offset, stride, shift: loneShift(this.#tile, false) };
    return this.#gather({ offset, stride }, bytes / 4, blocking);
  }

  #gather(rows: Places, count: number, blocking: Blocking): BlockBuffer {
    const { segment } = this;
    const x = { ...this.places(count * blocking.feature, !segment.split), shift: 0 };
    segment.add(gatherWork(rows, count, blocking, x, segment));
    return x;
  }

  /** An operation's row-major result as one row of values per image. */
  rows(index: number): Places & { readonly bytes: number } {
    const bytes = 4 * itemSize(this.#shape(index));
    return { offset: this.plain(index).offset, stride: bytes, bytes };
  }

  /** How the images of a fully connected layer are divided into blocks. */
  blocking({ input }: FullyConnectedStep): Blocking {
    return this.#sharing.blocking(this.#shape(input)[0]!);
  }

  /** New blocks for the result of a fully connected layer. */
  newBlocks(step: FullyConnectedStep, features: number): BlockBuffer {
    const { output } = step;
    const { segment } = this;
    const blocking = this.blocking(step);
    const readers = this.graph.need(output).features;
    const isOwn = !segment.split && readers.every((reader) => this.#segments.get(reader) === segment);
    const shift = blocking.lone ? loneShift(this.#tile, true) : 0;
    const made = { ...this.places(features * blocking.feature, isOwn), shift };
    this.#blocks.set(output, made);
    return made;
  }

  blocks(index: number): BlockBuffer | undefined {
    return this.#blocks.get(index);
  }

  /** An operation's values in blocks, gathered by a last segment, after all steps. */
  gathered(index: number): BlockBuffer {
    const blocking = this.#sharing.blocking(this.#batch);
    this.#open = this.#sharing.blocks(blocking.blocks);
    const { bytes, ...rows } = this.rows(index);
    const x = this.#gather(rows, bytes / 4, blocking);
    this.#close();
    return x;
  }

  /** Address of an operation's row-major result, one row per image. Only observed programs write it. */
  observed(index: number): number {
    const offset = this.#observed.get(index) ?? this.workspace.shared(4 * sizeOf(this.#shape(index)));
    this.#observed.set(index, offset);
    return offset;
  }

  /**
   * Places for the items of the open segment.
   *
   * @param isOwn whether only the task that computes an item reads its place, so that a thread can reuse it for the next item
   * @param keepZero whether places must stay zero where nothing writes to them
   */
  places(bytes: number, isOwn: boolean, keepZero = false): Places {
    // Vector stores may reach beyond an item's last value.
    const stride = isOwn ? 0 : roundUp(bytes + this.workspace.memory.kernels.slackBytes, CACHE_LINE);
    const size = isOwn ? bytes : this.segment.items * stride;
    const offset = isOwn ? this.workspace.own(size) : this.workspace.shared(size);
    if (keepZero) this.workspace.keepZero(offset, size);
    return { offset, stride };
  }

  get #tile(): FeatureTile {
    return this.workspace.memory.kernels.features;
  }

  #close(): void {
    if (this.#open) this.#pieces.push(this.#open);
    this.#open = undefined;
    this.#imports = new Map();
  }

  #planes(layout: ImageLayout, isOwn: boolean): ImageBuffer {
    return { layout, ...this.places(layout.bytes, isOwn, layout.padded) };
  }

  /** Whether only the task that computes a step's images reads them. */
  #isOwn(step: ImageStep): boolean {
    const { segment } = this;
    const { images, features } = this.graph.need(step.output);
    return (
      !segment.split &&
      !this.graph.keeps(step.output) &&
      (features.length === 0 || this.graph.trains) &&
      images.every((reader) => isImageStep(reader) && this.#segments.get(reader) === segment)
    );
  }

  #shape(index: number): readonly number[] {
    return this.graph.plan.operations[index]!.shape.map((extent) => (extent === -1 ? this.#batch : extent));
  }
}
