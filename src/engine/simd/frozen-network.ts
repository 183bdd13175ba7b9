import type { Network } from '../../model/network.ts';
import { frozenPlan, type NetworkValues, networkPlan } from '../network-plan.ts';
import { SimdExecutor, type SimdExecutorOptions } from './simd-executor.ts';

/** The most images per run: more need more memory, but no less time per image. */
const IMAGES_AT_ONCE = 128;

/** A network with fixed values, compiled as a frozen graph. */
export class FrozenNetwork {
  readonly #classes: number;
  readonly #executor: SimdExecutor;

  constructor(network: Network, values: NetworkValues, options: SimdExecutorOptions) {
    this.#classes = network.classes;
    this.#executor = new SimdExecutor(frozenPlan(networkPlan(network), values), options);
  }

  /** Returns [count, classes]. An image's logits do not depend, to the bit, on the other images. @param images `count` images, NHWC */
  async logits(images: Float32Array, count: number): Promise<Float32Array> {
    const logits = new Float32Array(count * this.#classes);
    const values = images.length / count;
    for (let first = 0; first < count; first += IMAGES_AT_ONCE) {
      const part = images.subarray(first * values, (first + IMAGES_AT_ONCE) * values);
      logits.set(await this.#run(part, part.length / values), first * this.#classes);
    }
    return logits;
  }

  dispose(): Promise<void> {
    return this.#executor.dispose();
  }

  /** A single image is computed twice: kernels for single images would sum in another order and so give other bits. */
  async #run(images: Float32Array, count: number): Promise<Float32Array> {
    if (count > 1) return this.#executor.run(images, count);
    const twice = new Float32Array(2 * images.length);
    twice.set(images);
    twice.set(images, images.length);
    return (await this.#executor.run(twice, 2)).subarray(0, this.#classes);
  }
}
