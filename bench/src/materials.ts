import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What every contestant is told of the network, and what is the same for all of them in a training step. */
export interface MaterialsList {
  /** Forward order. Weights are HWIO or [inputs, outputs]. */
  readonly layers: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly weightDecay: number;
  }[];
  /** Of one image, [height, width, channels]. */
  readonly imageShape: readonly [number, number, number];
  readonly learningRate: number;
  readonly averageDecay: number;
}

/** Names of files, relative to the folder of the materials. Arrays are raw, little-endian and row-major. */
export const MATERIALS = {
  list: 'materials.json',
  images: 'images.f32',
  labels: 'labels.u8',
  variable: (name: string) => `${name.replace('/', '.')}.f32`,
  mask: (layer: string, sparsity: number) => `${layer}.mask-${sparsity}.f32`,
  frozenGraph: (sparsity: number) => `frozen-${sparsity}.pb`,
  onnx: (sparsity: number) => `frozen-${sparsity}.onnx`,
};

/** The one set of weights, masks and images that all contestants compute with, in a folder. */
export class Materials {
  readonly folder: string;
  readonly list: MaterialsList;

  constructor(folder: string) {
    this.folder = folder;
    this.list = JSON.parse(readFileSync(join(folder, MATERIALS.list), 'utf8')) as MaterialsList;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** Weights and biases by TensorFlow's names, as they are before training. */
  variables(): Map<string, Float32Array> {
    const names = this.list.layers.flatMap(({ name }) => [`${name}/weights`, `${name}/biases`]);
    return new Map(names.map((name) => [name, this.#floats(MATERIALS.variable(name))]));
  }

  /** By the name of the weights, as engines take them. */
  masks(sparsity: number): Map<string, Float32Array> {
    return new Map(
      this.list.layers.map(
        ({ name }) => [`${name}/weights`, this.#floats(MATERIALS.mask(name, sparsity))] as const,
      ),
    );
  }

  /** The first `count` images, NHWC. */
  images(count: number): Float32Array {
    const size = this.list.imageShape.reduce((product, extent) => product * extent, 1);
    return this.#floats(MATERIALS.images).slice(0, count * size);
  }

  labels(): Uint8Array {
    return new Uint8Array(readFileSync(this.path(MATERIALS.labels)));
  }

  #floats(file: string): Float32Array {
    return new Float32Array(new Uint8Array(readFileSync(this.path(file))).buffer);
  }
}
