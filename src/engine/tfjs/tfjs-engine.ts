import * as tf from '@tensorflow/tfjs';
import { UserError } from '../../errors.ts';
import { averageName, weightsName } from '../../model/names.ts';
import { type Network, weightedLayers, weightShape } from '../../model/network.ts';
import { trainableVariables } from '../../model/variables.ts';
import { checkLabels, checkLength, checkMask, imageCount } from '../batch.ts';
import type { Engine, StepOptions, StepResult } from '../engine.ts';
import { type NetworkPlan, networkPlan } from '../network-plan.ts';
import { type Backend, computeOn } from './backends.ts';
import { descend } from './descend.ts';
import { differentiate, valueIn } from './differentiate.ts';
import { computePlan } from './operations.ts';
import { download, TensorMap, upload } from './tensor-map.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Computes with TensorFlow.js. Gradients come from its automatic differentiation. */
export class TfjsEngine implements Engine {
  readonly name = 'tfjs';
  readonly description: string;
  readonly network: Network;
  readonly #backend: Backend;
  readonly #forward: NetworkPlan;
  readonly #trainables: readonly string[];
  /** From a variable's name to its shape, moving averages included. */
  readonly #variableShapes: Shapes;
  /** From the name of the weights to the shape of their mask. */
  readonly #maskShapes: Shapes;
  readonly #state = { variables: new TensorMap(), masks: new TensorMap() };
  #disposed = false;

  /** @throws UserError `network` if the network cannot be computed */
  constructor(network: Network, backend: Backend) {
    this.#forward = networkPlan(network);
    this.network = network;
    this.description = `tfjs on ${backend.description}`;
    this.#backend = backend;
    const trainables = trainableVariables(network);
    this.#trainables = trainables.map(({ name }) => name);
    this.#variableShapes = new Map(
      trainables.flatMap(({ name, shape }) => [name, averageName(name)].map((key) => [key, shape] as const)),
    );
    this.#maskShapes = new Map(
      weightedLayers(network).map((layer) => [weightsName(layer.name), weightShape(layer)]),
    );
    this.#compute(() => {
      for (const [name, shape] of this.#variableShapes) this.#state.variables.set(name, tf.zeros([...shape]));
      for (const [name, shape] of this.#maskShapes) this.#state.masks.set(name, tf.ones([...shape]));
    });
  }

  /** Does nothing: backends allocate memory when they need it. */
  reserve(): void {}

  setVariables(values: ReadonlyMap<string, Float32Array>): void {
    this.#assign(this.#state.variables, this.#variableShapes, values, 'variable');
  }

  setMasks(masks: ReadonlyMap<string, Float32Array>): void {
    for (const [name, mask] of masks) checkMask(name, shapeOf(this.#maskShapes, name, 'mask of'), mask);
    this.#assign(this.#state.masks, this.#maskShapes, masks, 'mask of');
  }

  async readVariables(names: readonly string[]): Promise<Map<string, Float32Array>> {
    for (const name of names) shapeOf(this.#variableShapes, name, 'variable');
    const { variables } = this.#state;
    return this.#compute(() => new Map(names.map((name) => [name, download(variables.get(name))])));
  }

  async trainStep(images: Float32Array, labels: Uint8Array, options: StepOptions): Promise<StepResult> {
    checkLabels(this.network, imageCount(this.network, images), labels);
    return this.#compute(() => {
      const { result, gradients } = differentiate(
        this.network,
        this.#forward,
        this.#state,
        images,
        labels,
        this.#trainables,
        options.observe ?? false,
      );
      descend(this.#state.variables, gradients, options);
      return result;
    });
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    const count = imageCount(this.network, images);
    return this.#compute(() => {
      const { plan } = this.#forward;
      const results = computePlan(plan, images, count, valueIn(this.#state, this.#forward));
      return download(results[plan.output]!);
    });
  }

  async dispose(): Promise<void> {
    for (const tensors of [this.#state.variables, this.#state.masks]) tensors.clear();
    this.#disposed = true;
  }

  #assign(tensors: TensorMap, shapes: Shapes, values: ReadonlyMap<string, Float32Array>, what: string): void {
    for (const [name, array] of values) checkLength(`${what} ${name}`, shapeOf(shapes, name, what), array);
    this.#compute(() => {
      for (const [name, array] of values) tensors.set(name, upload(array, shapeOf(shapes, name, what)));
    });
  }

  #compute<T>(compute: () => T): T {
    if (this.#disposed) throw new Error('this engine has been disposed of');
    return computeOn(this.#backend, compute);
  }
}

function shapeOf(shapes: Shapes, name: string, what: string): readonly number[] {
  const shape = shapes.get(name);
  if (shape) return shape;
  throw new UserError(
    'engine',
    `the network has no ${what} ${name}`,
    `Name one of ${[...shapes.keys()].join(', ')}.`,
  );
}
