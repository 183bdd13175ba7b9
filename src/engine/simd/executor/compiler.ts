import type { Phase, Program } from '../program.ts';
import { ComputedWeights } from './computed-weights.ts';
import {
  type BlockBuffer,
  type Blocking,
  blockingOf,
  fullyConnectedWork,
  gatherWork,
  loneShift,
  scatterWork,
} from './fully-connected.ts';
import type { ImageBuffer, ImageLayout } from './image-buffer.ts';
import { convolutionWork, copyWork, paddingWork, poolingWork } from './images.ts';
import { isImageStep, paddingReader } from './needs.ts';
import { normalizationWork } from './normalization.ts';
import { itemSize, type PlacedGraph } from './placed-graph.ts';
import { type PlainTensor, plainPhases, sizeOf } from './plain.ts';
import { Segment } from './segment.ts';
import type { ConvolutionStep, FullyConnectedStep, ImageStep, Step } from './steps.ts';
import { Workspace } from './workspace.ts';

/** A graph made ready to run on so many images. */
export interface CompiledGraph {
  readonly program: Program;
  /** Offset of the images. */
  readonly images: number;
  readonly output: PlainTensor;
  readonly workspace: Workspace;
}

/** @throws UserError `graph`, naming the node, on what cannot be computed */
export function compile(graph: PlacedGraph, batch: number, threads: number): CompiledGraph {
  return new Compiler(graph, batch, threads).compile();
}

class Compiler {
  readonly #graph: PlacedGraph;
  readonly #batch: number;
  readonly #workspace: Workspace;
  readonly #plain = new Map<number, PlainTensor>();
  readonly #images = new Map<number, ImageBuffer>();
  readonly #blocks = new Map<number, BlockBuffer>();
  readonly #program: Phase[] = [];
  /** The segment of each step that is in one. */
  readonly #segments: ReadonlyMap<Step, Segment>;
  #open: Segment | undefined;
  /** Planes made of plain images for the open segment. */
  #imports = new Map<number, ImageBuffer>();

  constructor(graph: PlacedGraph, batch: number, threads: number) {
    this.#graph = graph;
    this.#batch = batch;
    this.#workspace = new Workspace(graph.memory, threads);
    this.#segments = this.#planSegments(threads);
  }

  compile(): CompiledGraph {
    const { plan, steps } = this.#graph;
    const placeholder = plan.operations.findIndex(({ compute }) => compute.op === 'Placeholder');
    const images = placeholder === -1 ? 0 : this.#newPlain(placeholder).offset;
    for (const step of steps) {
      const segment = this.#segments.get(step);
      if (segment !== this.#open) this.#close();
      this.#open = segment;
      if (step.kind === 'plain') this.#addPlain(step);
      else if (step.kind === 'fully_connected') this.#addFullyConnected(step, segment!);
      else this.#addImageStep(step, segment!);
    }
    this.#close();
    const program = this.#program.filter((phase) => phase.length > 0);
    return { program, images, output: this.#plainOf(plan.output), workspace: this.#workspace };
  }

  /** Neighbouring steps on the same kind and number of items share a segment. */
  #planSegments(threads: number): Map<Step, Segment> {
    const segments = new Map<Step, Segment>();
    let last: { kind: 'images' | 'blocks'; segment: Segment } | undefined;
    for (const step of this.#graph.steps) {
      if (step.kind === 'plain') {
        last = undefined;
        continue;
      }
      const kind = step.kind === 'fully_connected' ? 'blocks' : 'images';
      const count = this.#shape(step.input)[0]!;
      const items = kind === 'blocks' ? this.#blocking(count).blocks : count;
      if (last?.kind !== kind || last.segment.items !== items)
        last = { kind, segment: new Segment(items, threads) };
      segments.set(step, last.segment);
    }
    return segments;
  }

  #close(): void {
    if (this.#open) this.#program.push(...this.#open.phases());
    this.#open = undefined;
    this.#imports = new Map();
  }

  #addPlain({ output, operation }: Extract<Step, { kind: 'plain' }>): void {
    const inputs = operation.inputs.map((input) => this.#plainOf(input));
    if (operation.compute.op === 'Reshape') {
      this.#plain.set(output, { offset: inputs[0]!.offset, shape: this.#shape(output) });
      return;
    }
    this.#program.push(...plainPhases(operation, inputs, this.#newPlain(output), this.#workspace));
  }

  #addImageStep(step: ImageStep, segment: Segment): void {
    const x = this.#imagesOf(step.input, segment);
    const y = this.#newImages(this.#graph.layout(step.output), segment, this.#isOwn(step, segment));
    if (step.kind === 'convolution') this.#addConvolution(step, x, y, segment);
    else if (step.kind === 'pooling') segment.add(poolingWork(step.compute, x, y, segment));
    else
      segment.add(
        normalizationWork(
          step.compute.depthRadius,
          this.#graph.lrnParameters(step),
          x,
          y,
          segment,
          this.#workspace,
        ),
      );
    this.#images.set(step.output, y);
    if (this.#graph.need(step.output).plain)
      segment.add(copyWork(this.#newPlain(step.output).offset, y, 'toImages'));
  }

  #addConvolution(step: ConvolutionStep, x: ImageBuffer, y: ImageBuffer, segment: Segment): void {
    const plan = this.#graph.convolution(step);
    const weights = this.#graph.weights(step);
    // The open segment runs later.
    if (weights instanceof ComputedWeights)
      this.#program.push([weights.packCalls(this.#plainOf(step.weights).offset)]);
    let input = [x.offset, x.step] as const;
    if (paddingReader(this.#graph.need(step.input)) !== step) {
      const copy = this.#buffer(plan.padded.bytes, segment.items, !segment.split, true);
      input = [copy.offset, copy.step];
      segment.add(paddingWork(x, plan, ...input));
    }
    const activation = { weights, ...this.#graph.activation(step) };
    segment.add(convolutionWork(step, plan, input, y, activation, segment, this.#workspace));
  }

  #addFullyConnected(step: FullyConnectedStep, segment: Segment): void {
    const weights = this.#graph.packedWeights(step);
    const blocking = this.#blocking(this.#shape(step.input)[0]!);
    const x = this.#featuresOf(step, segment, blocking);
    const { features, plain } = this.#graph.need(step.output);
    const own = !segment.split && features.every((reader) => this.#segments.get(reader) === segment);
    const y = this.#newBlocks(weights.channels, blocking, own, this.#loneShift(true));
    const { bias, floor } = this.#graph.activation(step);
    segment.add(fullyConnectedWork(weights, x, y, blocking, bias, floor, segment));
    this.#blocks.set(step.output, y);
    if (plain) segment.add(scatterWork(y, blocking, weights.channels, this.#newPlain(step.output).offset));
  }

  #featuresOf(step: FullyConnectedStep, segment: Segment, blocking: Blocking): BlockBuffer {
    const { source, form } = this.#graph.featureForm(step);
    if (form === 'blocks') return this.#blocks.get(source)!;
    const images = this.#images.get(source)!;
    const [offset, bytes, rowStep] =
      form === 'images'
        ? [images.offset, images.layout.bytes, images.step]
        : [this.#plainOf(source).offset, ...Array(2).fill(4 * itemSize(this.#shape(source)))];
    if (blocking.lone) return { offset, step: rowStep, shift: this.#loneShift(false) };
    const x = this.#newBlocks(bytes / 4, blocking, !segment.split, 0);
    segment.add(gatherWork(offset, rowStep, bytes / 4, blocking, x));
    return x;
  }

  #imagesOf(index: number, segment: Segment): ImageBuffer {
    const known = this.#images.get(index) ?? this.#imports.get(index);
    if (known) return known;
    const made = this.#newImages(this.#graph.layout(index), segment, !segment.split);
    segment.add(copyWork(this.#plainOf(index).offset, made, 'toPlanes'));
    this.#imports.set(index, made);
    return made;
  }

  #plainOf(index: number): PlainTensor {
    const constant = this.#graph.constant(index);
    if (constant !== undefined) return { offset: constant, shape: this.#shape(index) };
    return this.#plain.get(index)!;
  }

  #shape(index: number): readonly number[] {
    return this.#graph.plan.operations[index]!.shape.map((extent) => (extent === -1 ? this.#batch : extent));
  }

  #newPlain(index: number): PlainTensor {
    const shape = this.#shape(index);
    const tensor = { offset: this.#workspace.shared(4 * sizeOf(shape)), shape };
    this.#plain.set(index, tensor);
    return tensor;
  }

  /** Whether a step's images are read by the task that computes them only. */
  #isOwn(step: ImageStep, segment: Segment): boolean {
    const { images, features } = this.#graph.need(step.output);
    return (
      !segment.split &&
      features.length === 0 &&
      images.every((reader) => isImageStep(reader) && this.#segments.get(reader) === segment)
    );
  }

  #newImages(layout: ImageLayout, segment: Segment, own: boolean): ImageBuffer {
    return { layout, ...this.#buffer(layout.bytes, segment.items, own, layout.padded) };
  }

  #newBlocks(
    features: number,
    { blocks, feature, lone }: Blocking,
    own: boolean,
    loneBy: number,
  ): BlockBuffer {
    return { ...this.#buffer(features * feature, blocks, own, false), shift: lone ? loneBy : 0 };
  }

  #blocking(images: number): Blocking {
    return blockingOf(this.#graph.memory.kernels, images);
  }

  #loneShift(afterLayer: boolean): number {
    return loneShift(this.#graph.memory.kernels.features, afterLayer);
  }

  /** One place for each item or, if it is a task's own, for each thread. */
  #buffer(bytes: number, items: number, own: boolean, keepZero: boolean): { offset: number; step: number } {
    // Vector stores may reach beyond an item's last value.
    const step = own ? 0 : bytes + this.#graph.memory.kernels.slackBytes;
    const size = own ? bytes : items * step;
    const offset = own ? this.#workspace.own(size) : this.#workspace.shared(size);
    if (keepZero) this.#workspace.keepZero(offset, size);
    return { offset, step };
  }
}
