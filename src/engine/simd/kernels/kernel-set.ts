import type { WeightedLayer } from '../../../model/network.ts';

/** Makes the calls of an encoded program that lie between two words, in order. */
export type MakeCalls = (words: Int32Array, begin: number, end: number) => void;

/** Whether dense kernels compute a correlation's outputs, and whether they compute its weight gradient. */
export interface KernelMode {
  readonly denseOutputs: boolean;
  readonly denseGradient: boolean;
}

/** By kind of layer, the sparsity from which on the sparse kernels are faster than the dense ones. */
export type Crossover = Readonly<
  Record<WeightedLayer['kind'], { readonly outputs: number; readonly weightGradient: number }>
>;

/** The blocks of images that fully connected layers read: feature after feature, each as `rows` x `columns` values, one per image. */
export interface FeatureTile {
  readonly rows: number;
  readonly columns: number;
  /** In frozen graphs a block's feature takes 2^shift bytes, so that shifting its tap offsets right gives those of a single image. */
  readonly shift: number;
  /** Batches of at most this many images are computed image by image, without gathering their features into a block. */
  readonly loneImages: number;
  /** A feature of a single image takes 2^loneShift bytes, one vector: `narrowSparse` stores no less. */
  readonly loneShift: number;
}

/**
 * A complete set of kernels: the sizes of their tiles, the memory layout that they need, the sparsity from which on the sparse ones are
 * faster, and how to call them. A program is built for one set. All sets have the signatures in signatures.ts.
 */
export interface KernelSet {
  /** As `kernelSetNamed` takes it. */
  readonly name: string;
  /** float32 values per vector. Kernels compute rows in whole vectors; the values beyond a row's end are zeros. */
  readonly lanes: number;
  /** Channels that dense kernels compute together. Their weights are packed as [channels / denseChannels][taps][denseChannels]. */
  readonly denseChannels: number;
  /** Taps whose weight gradients the dense kernel computes together. */
  readonly denseTaps: number;
  /** Rows that the sparse convolution computes together. */
  readonly sparseRows: number;
  readonly features: FeatureTile;
  readonly crossover: Crossover;
  /** Bytes of scratch memory that kernels need. */
  readonly scratch: {
    lrn(channels: number, radius: number): number;
    lrnGradient(channels: number, radius: number): number;
    weightGradientSparse(taps: number): number;
  };
  /** Bytes at the start of memory that belong to the kernels. */
  readonly reservedBytes: number;
  /** How many bytes beyond a buffer's end kernels may read, and may overwrite with any values. */
  readonly slackBytes: number;
  /** The distance in bytes between padded planes of this size. */
  planePitch(bytes: number): number;
  /**
   * Compiles the kernels. Each thread then calls `open`.
   *
   * @param relaxed whether products and sums may be fused
   */
  compile(relaxed: boolean): KernelModule;
  /** Instantiates the kernels on this thread. @param code `KernelModule.code`, which may come from another thread */
  open(code: unknown, memory: WebAssembly.Memory): MakeCalls;
}

/** A compiled set of kernels. */
export interface KernelModule {
  readonly kernels: KernelSet;
  /** What `KernelSet.open` takes; can be posted to worker threads. */
  readonly code: unknown;
  /** For users: the target that the kernels are compiled to, such as "WebAssembly", and the build, such as "relaxed SIMD". */
  readonly target: string;
  readonly build: string;
}

/** Chooses the faster kernels for a layer. @param values its weights or their mask, zero where they are pruned */
export function kernelMode(
  { crossover }: KernelSet,
  kind: WeightedLayer['kind'],
  values: Float32Array,
): KernelMode {
  const { outputs, weightGradient } = crossover[kind];
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros += 1;
  const sparsity = zeros / values.length;
  return { denseOutputs: sparsity < outputs, denseGradient: sparsity < weightGradient };
}

/** Number of images in a full block. */
export function blockImages({ features: { rows, columns } }: KernelSet): number {
  return rows * columns;
}
