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
import { type KernelMode, kernelMode } from '../kernels/kernel-set.ts';
import type { SharedMemory } from '../memory.ts';
import { lower } from '../ops/rules.ts';
import type { Phase, Program, Task, ThreadMemory } from '../program.ts';
import { descentPhase, type UpdateChunk, updateChunks } from './descent.ts';
import { Gradients } from './gradients.ts';
import type { LayerParameters } from './parameters.ts';
import { SLICES, slicesOf } from './slices.ts';
import { TrainedWeights } from './trained-weights.ts';
import type { WeightedLayerPlan } from './weighted.ts';

/** Into how many tasks a fully connected layer is divided. */
const PARTS = 16;

/** What a layer with weights gives, when it is observed: rows of so many values, one an image. */
export interface ObservedOutput {
  readonly layer: string;
  readonly offset: number;
  readonly count: number;
}

/** A network made ready to be trained on so many images at once. */
export class TrainingGraph {
  readonly images: number;
  readonly parameters: readonly LayerParameters[];
  /** Sum of cross-entropies, float64, one a block of images. */
  readonly losses: number;
  /** Images whose largest logit is the label, u32, one a block. */
  readonly hits: number;
  readonly blocks: number;
  readonly observed: readonly ObservedOutput[];
  readonly chunks: readonly UpdateChunk[];
  readonly threadMemory: ThreadMemory;
  readonly #memory: SharedMemory;
  /** Bytes, one an image. */
  readonly #labels: number;
  /** float32: learning rate, 1 - decay of the averages, 1 / batch size. */
  readonly #scalars: number;
  readonly #blocking: Blocking;
  readonly #forward: Lowering;
  readonly #backward: Gradients;
  readonly #logits: BlockBuffer;
  readonly #classes: number;
  /** Whether the logits are a ReLU's. */
  readonly #hasRelu: boolean;

  /** @throws UserError `engine` if there is no memory left */
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
    const groups = slicesOf(images).map((slice) => slice.map(({ image }) => image));
    const sharing: Sharing = {
      blocking: () => blocking,
      images: () => new Segment({ groups, split: false, parts: 1 }),
      blocks: (count) => new Segment({ groups: [[...Array(count).keys()]], split: true, parts: PARTS }),
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

  /** @param images each one's values in the order [height, width, channels] */
  feed(images: Float32Array, labels: Uint8Array, { learningRate, averageDecay }: StepOptions): void {
    this.#memory.floats(this.#forward.input, images.length).set(images);
    this.#memory.bytes(this.#labels, this.images).set(labels);
    const scalars = [learningRate, 1 - averageDecay, 1 / this.images];
    this.#memory.floats(this.#scalars, scalars.length).set(scalars);
  }

  /** Chooses by the masks which kernels compute each layer. @param mode for all layers instead */
  chooseKernels(mode: KernelMode | undefined): void {
    const { kernels } = this.#memory;
    for (const { parameters, correlations } of this.#weighted) {
      const { layer, weights, mask } = parameters;
      const chosen = mode ?? kernelMode(kernels, layer.kind, this.#memory.floats(mask, weights.size));
      for (const correlation of correlations) correlation.mode = chosen;
    }
  }

  /** Lists the weights that the masks leave; to be run when masks have changed. */
  listing(): Program {
    return [
      this.#weighted.flatMap(({ correlations }) =>
        correlations.flatMap((correlation) => correlation.tasks((range) => correlation.listCalls(range))),
      ),
    ];
  }

  /**
   * From images and labels to updated variables.
   *
   * @param observe whether to keep activations and the gradients of the total loss, too
   */
  step(observe: boolean): Program {
    const slices = Math.min(this.images, SLICES);
    return [
      this.#packing(),
      ...this.#forward.program(observe),
      this.#loss(),
      ...this.#backward.phases(this.images),
      this.#weighted.flatMap((layer) => layer.gatherTasks(slices)),
      descentPhase(this.chunks, this.#scalars, observe),
    ].filter((phase) => phase.length > 0);
  }

  get #weighted(): readonly WeightedLayerPlan[] {
    return this.#backward.weighted;
  }

  /** Packs weights for the kernels. */
  #packing(): Phase {
    return this.#weighted.flatMap(({ correlations }) =>
      correlations.flatMap((correlation) => correlation.tasks((range) => correlation.packCalls(range))),
    );
  }

  #loss(): Phase {
    const { blockImages, feature } = this.#blocking;
    const [logits, gradients] = [this.#logits, this.#backward.output];
    return Array.from({ length: this.blocks }, (_, block): Task => {
      const gradient = gradients.offset + block * gradients.step;
      const values = logits.offset + block * logits.step;
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
