import manifest from '../../../package.json' with { type: 'json' };
import type { Contestant } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { MATERIALS } from '../materials.ts';
import {
  averageName,
  CIFAR10,
  type DeviceChoice,
  type Engine,
  type FrozenModel,
  loadFrozenModel,
  magnitudeMask,
  selectEngine,
  weightedLayers,
  weightsName,
} from '../package.ts';
import { BATCH, STEPS_A_MASK_UPDATE, type Task } from '../task.ts';

/** This package as it comes: its engine for training and its runtime for frozen graphs. */
export async function openOurs(materials: Materials, threads: number): Promise<Contestant> {
  return open(materials, `${manifest.name} ${manifest.version}`, { engine: 'simd', threads });
}

/** This package with `--engine=tfjs`, which mends what the wasm backend lacks or computes slowly. */
export async function openOurTfjs(materials: Materials): Promise<Contestant> {
  return open(materials, `${manifest.name} --engine=tfjs, wasm`, { engine: 'tfjs', backend: 'wasm' });
}

async function open(materials: Materials, description: string, choice: DeviceChoice): Promise<Contestant> {
  const { engine } = await selectEngine({ ...choice, network: CIFAR10.network });
  return new Ours(materials, description, choice, engine);
}

class Ours implements Contestant {
  readonly description: string;
  readonly #materials: Materials;
  readonly #choice: DeviceChoice;
  readonly #engine: Engine;
  readonly #images: Float32Array;
  readonly #labels: Uint8Array;
  /** By sparsity. */
  readonly #models = new Map<number, FrozenModel>();

  constructor(materials: Materials, description: string, choice: DeviceChoice, engine: Engine) {
    this.description = description;
    this.#materials = materials;
    this.#choice = choice;
    this.#engine = engine;
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
    return this.#engine.forward(this.#images);
  }

  #start(masks: ReadonlyMap<string, Float32Array>): void {
    const variables = this.#materials.variables();
    for (const [name, values] of [...variables]) variables.set(averageName(name), values);
    this.#engine.setVariables(variables);
    this.#engine.setMasks(masks);
  }

  #step() {
    return this.#engine.trainStep(this.#images, this.#labels, this.#materials.list);
  }

  /** Masks of the weights as they are, and the steps until they may change again. */
  async #pruneAndStep(sparsity: number): Promise<void> {
    const names = weightedLayers(CIFAR10.network).map(({ name }) => weightsName(name));
    const weights = await this.#engine.readVariables(names);
    const masks = Array.from(
      weights,
      ([name, values]) => [name, magnitudeMask(values, sparsity, 0, 0).mask] as const,
    );
    this.#engine.setMasks(new Map(masks));
    for (let step = 0; step < STEPS_A_MASK_UPDATE; step++) await this.#step();
  }

  async #model(sparsity: number): Promise<FrozenModel> {
    const model =
      this.#models.get(sparsity) ??
      (await loadFrozenModel(this.#materials.path(MATERIALS.frozenGraph(sparsity)), this.#choice));
    this.#models.set(sparsity, model);
    return model;
  }
}
