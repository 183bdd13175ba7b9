import manifest from '../../../package.json' with { type: 'json' };
import type { Contestant } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { MATERIALS } from '../materials.ts';
import {
  averageName,
  CIFAR10_NETWORK,
  type FrozenModel,
  loadFrozenModel,
  magnitudeMask,
  SimdEngine,
  weightedLayers,
  weightsName,
} from '../package.ts';
import { BATCH, STEPS_A_MASK_UPDATE, type Task } from '../task.ts';

/** This package: its engine for training and its runtime for frozen graphs. */
export async function openOurs(materials: Materials, threads: number): Promise<Contestant> {
  return new Ours(materials, threads);
}

class Ours implements Contestant {
  readonly description = `${manifest.name} ${manifest.version}`;
  readonly #materials: Materials;
  readonly #threads: number;
  readonly #images: Float32Array;
  readonly #labels: Uint8Array;
  #engine: SimdEngine | undefined;
  /** By sparsity. */
  readonly #models = new Map<number, FrozenModel>();

  constructor(materials: Materials, threads: number) {
    this.#materials = materials;
    this.#threads = threads;
    this.#images = materials.images(BATCH);
    this.#labels = materials.labels();
  }

  async prepare(task: Task): Promise<() => unknown> {
    switch (task.kind) {
      case 'step':
        this.#start(this.#materials.masks(task.sparsity));
        return () => this.#step();
      case 'pruning':
        this.#start(this.#materials.masks(0));
        return () => this.#pruneAndStep(task.sparsity);
      case 'inference': {
        const model = await this.#model(task.sparsity);
        const images = this.#materials.images(task.batch);
        return () => model.run(images);
      }
      case 'peak':
        throw new Error('not a task of this contestant');
    }
  }

  async logits(task: Task): Promise<Float32Array> {
    const once = await this.prepare(task);
    if (task.kind === 'inference') return (await this.#model(task.sparsity)).run(this.#images);
    await once();
    return this.#theEngine.forward(this.#images);
  }

  get #theEngine(): SimdEngine {
    this.#engine ??= new SimdEngine(CIFAR10_NETWORK, { threads: this.#threads });
    return this.#engine;
  }

  #start(masks: ReadonlyMap<string, Float32Array>): void {
    const variables = this.#materials.variables();
    for (const [name, values] of [...variables]) variables.set(averageName(name), values);
    this.#theEngine.setVariables(variables);
    this.#theEngine.setMasks(masks);
  }

  #step() {
    return this.#theEngine.trainStep(this.#images, this.#labels, this.#materials.list);
  }

  /** Masks of the weights as they are, and the steps until they may change again. */
  async #pruneAndStep(sparsity: number): Promise<void> {
    const layers = weightedLayers(CIFAR10_NETWORK).map(({ name }) => name);
    const weights = await this.#theEngine.readVariables(layers.map(weightsName));
    const maskOf = (layer: string) => magnitudeMask(weights.get(weightsName(layer))!, sparsity, 0, 0).mask;
    this.#theEngine.setMasks(new Map(layers.map((layer) => [layer, maskOf(layer)])));
    for (let step = 0; step < STEPS_A_MASK_UPDATE; step++) await this.#step();
  }

  async #model(sparsity: number): Promise<FrozenModel> {
    const model =
      this.#models.get(sparsity) ??
      (await loadFrozenModel(this.#materials.path(MATERIALS.frozenGraph(sparsity)), {
        threads: this.#threads,
      }));
    this.#models.set(sparsity, model);
    return model;
  }
}
