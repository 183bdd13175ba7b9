import type { Network } from '../../../model/network.ts';
import type { StepOptions } from '../../engine.ts';
import type { NetworkPlan } from '../../network-plan.ts';
import {
  type BlockBuffer,
  type Blocking,
  computedColumns,
  imagesOf,
  trainingBlocking,
} from '../compile/feature-blocks.ts';
import { Lowering } from '../compile/lowering.ts';
import { featureSource } from '../compile/needs.ts';
import { PlacedGraph } from '../compile/placed-graph.ts';
import { itemSize } from '../compile/plain-tensor.ts';
import { Segment } from '../compile/segment.ts';
import type { Sharing } from '../compile/sharing.ts';
import { Workspace } from '../compile/workspace.ts';
import type { Correlation } from '../correlation.ts';
import { type KernelMode, kernelMode } from '../kernels/kernel-set.ts';
import type { SharedMemory } from '../memory.ts';
import { lower } from '../ops/rules.ts';
import type { Call, Phase, Program, Task, ThreadMemory } from '../program.ts';
import type { ChannelRange } from '../taps.ts';
import { descentPhase, type UpdateChunk, updateChunks } from './descent.ts';
import { Gradients } from './gradients.ts';
import type { LayerParameters } from './parameters.ts';
import { SLICES, slicesOf } from './slices.ts';
import { TrainedWeights } from './trained-weights.ts';
import type { TrainedLayer } from './weighted.ts';

/** Number of tasks into which a fully connected layer is divided. */
const PARTS = 16;

/** The observed output of a layer with weights: at `offset`, a row of `count` values per image. */
export interface ObservedOutput {
  readonly layer: string;
  readonly offset: number;
  readonly count: number;
}

/** A network compiled for training steps on a fixed number of images. */
export class TrainingGraph {
  readonly images: number;
  readonly parameters: readonly LayerParameters[];
  /** Address of the sum of cross-entropies, float64, of each block of images. */
  readonly losses: number;
  /** Address of the number of images whose largest logit is the label, uint32, of each block. */
  readonly hits: number;
  readonly blocks: number;
  readonly observed: readonly ObservedOutput[];
  readonly chunks: readonly UpdateChunk[];
  readonly threadMemory: ThreadMemory;
  readonly #memory: SharedMemory;
  /** Address of the labels, one byte per image. */
  readonly #labels: number;
  /** Address of three float32 values: learning rate, 1 - decay of the averages, 1 / batch size. */
  readonly #scalars: number;
  readonly #blocking: Blocking;
  readonly #forward: Lowering;
  readonly #backward: Gradients;
  readonly #logits: BlockBuffer;
  readonly #classes: number;
  /** Whether the logits are the output of a ReLU. */
  readonly #hasRelu: boolean;

  /** @throws UserError `engine` if there is not enough memory, `graph` if an operation cannot be trained */
  constructor(
    memory: SharedMemory,
    network: Network,
    { plan, outputs }: NetworkPlan,
    parameters: readonly LayerParameters[],
    images: number,
    threads: number,
  ) {
    const weights = new TrainedWeights(memory, plan, parameters);
    const graph = new PlacedGraph(memory, plan, weights);
    const workspace = new Workspace(memory, threads);
    const blocking = trainingBlocking(memory.kernels, images);
    const imagesOfSlices = () => slicesOf(images).map((slice) => slice.map(({ image }) => image));
    const allBlocks = () => [[...Array(blocking.blocks).keys()]];
    const sharing: Sharing = {
      blocking: () => blocking,
      images: (items) => new Segment({ items, groups: imagesOfSlices, split: false, parts: 1 }),
      blocks: (items) => new Segment({ items, groups: allBlocks, split: true, parts: PARTS }),
    };
    this.#forward = new Lowering(graph, images, workspace, sharing, lower);
    const source = featureSource(plan, plan.output);
    const producer = graph.producer(source);
    this.#hasRelu = producer?.kind === 'fully_connected' && producer.relu;
    this.#logits = this.#forward.blocks(source) ?? this.#forward.gathered(source);
    this.#backward = new Gradients(this.#forward, weights, blocking, network.classes);
    this.#memory = memory;
    this.#blocking = blocking;
    this.#classes = network.classes;
    this.images = images;
    this.parameters = parameters;
    this.#labels = memory.allocate(images);
    this.#scalars = memory.allocate(4 * 3);
    this.losses = memory.allocate(8 * blocking.blocks);
    this.hits = memory.allocate(4 * blocking.blocks);
    this.blocks = blocking.blocks;
    this.observed = parameters.map(({ layer: { name } }) => {
      const index = outputs.get(name)!;
      return {
        layer: name,
        offset: this.#forward.observed(index),
        count: itemSize(plan.operations[index]!.shape),
      };
    });
    this.chunks = updateChunks(memory, parameters);
    this.threadMemory = workspace.placeThreadMemory();
  }

  /** Copies a batch and the step's scalars into memory. @param images NHWC */
  feed(images: Float32Array, labels: Uint8Array, { learningRate, averageDecay }: StepOptions): void {
    this.#memory.floats(this.#forward.input, images.length).set(images);
    this.#memory.bytes(this.#labels, this.images).set(labels);
    const scalars = [learningRate, 1 - averageDecay, 1 / this.images];
    this.#memory.floats(this.#scalars, scalars.length).set(scalars);
  }

  /** Chooses each layer's kernels by the sparsity of its mask. @param mode the kernels for all layers instead */
  chooseKernels(mode: KernelMode | undefined): void {
    const { kernels } = this.#memory;
    for (const { parameters, correlations } of this.#weighted) {
      const { layer, weights, mask } = parameters;
      const chosen = mode ?? kernelMode(kernels, layer.kind, this.#memory.floats(mask, weights.size));
      for (const correlation of correlations) correlation.mode = chosen;
    }
  }

  /** A program that lists the surviving weights. Run it after masks have changed. */
  listing(): Program {
    return [this.#ofCorrelations((correlation, range) => correlation.listCalls(range))];
  }

  /**
   * The program of a training step, from images and labels to updated variables.
   *
   * @param observe whether it keeps activations and the gradients of the total loss, too
   */
  step(observe: boolean): Program {
    const slices = Math.min(this.images, SLICES);
    return [
      this.#ofCorrelations((correlation, range) => correlation.packCalls(range)),
      ...this.#forward.program(observe),
      this.#loss(),
      ...this.#backward.phases(this.images),
      this.#weighted.flatMap((layer) => layer.gatherTasks(slices)),
      descentPhase(this.chunks, this.#scalars, observe),
    ].filter((phase) => phase.length > 0);
  }

  get #weighted(): readonly TrainedLayer[] {
    return this.#backward.weighted;
  }

  /** A phase over all correlations. Its tasks share their channels. */
  #ofCorrelations(callsOf: (correlation: Correlation, range: ChannelRange) => Call[]): Phase {
    return this.#weighted.flatMap(({ correlations }) =>
      correlations.flatMap((correlation) => correlation.tasks((range) => callsOf(correlation, range))),
    );
  }

  #loss(): Phase {
    const { blockImages, feature } = this.#blocking;
    const [logits, gradients] = [this.#logits, this.#backward.output];
    return Array.from({ length: this.blocks }, (_, block): Task => {
      const gradient = gradients.offset + block * gradients.stride;
      const values = logits.offset + block * logits.stride;
      const loss: Task = [
        {
          kernel: 'softmaxCrossEntropy',
          logits: values,
          labels: this.#labels + block * blockImages,
          images: imagesOf(this.#blocking, block),
          columns: computedColumns(this.#memory.kernels, this.#blocking, block),
          classes: this.#classes,
          row: feature,
          gradient,
          scale: this.#scalars + 8,
          loss: this.losses + 8 * block,
          hits: this.hits + 4 * block,
        },
      ];
      const count = (this.#classes * feature) / 4;
      return this.#hasRelu ? [...loss, { kernel: 'reluGradient', d: gradient, y: values, count }] : loss;
    });
  }
}
