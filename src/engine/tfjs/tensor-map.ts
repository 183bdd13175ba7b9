import * as tf from '@tensorflow/tfjs';

/** Tensors by name that outlive the computation that made them. The map owns its tensors: it frees those that it replaces. */
export class TensorMap {
  readonly #tensors = new Map<string, tf.Tensor>();

  get size(): number {
    return this.#tensors.size;
  }

  get(name: string): tf.Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`no tensor ${name}`);
    return tensor;
  }

  set(name: string, tensor: tf.Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, tf.keep(tensor));
  }

  clear(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}

/** A tensor of a copy of `values`. Without the copy, some backends would write to `values` itself. */
export function upload(values: Float32Array, shape: readonly number[]): tf.Tensor {
  return tf.tensor(values.slice(), [...shape], 'float32');
}

/** A copy of the tensor's values. Some backends return the array that they compute in. */
export function download(tensor: tf.Tensor): Float32Array {
  return (tensor.dataSync() as Float32Array).slice();
}
