import type { WeightedLayer } from '../../../model/network.ts';

/** Makes the calls of an encoded program from one word to another, in their order. */
export type MakeCalls = (words: Int32Array, begin: number, end: number) => void;

/** Whether dense kernels compute a pass's outputs, and its weight gradient. */
export interface KernelMode {
  readonly denseOutputs: boolean;
  readonly denseGradient: boolean;
}

/** From which sparsity on a kernel that lists the surviving weights beats the dense one, by kind of layer. */
export type Crossover = Readonly<
  Record<WeightedLayer['kind'], { readonly outputs: number; readonly weightGradient: number }>
>;

/** How images lie side by side for fully connected layers: blocks of them, as columns of rows, feature after feature. */
export interface FeatureTile {
  readonly rows: number;
  readonly columns: number;
  /** Where lists of inputs serve single images, too, a feature takes 2^shift bytes, room for a block. */
  readonly shift: number;
  /** Up to how many images are taken one by one: their features need not be brought together first. */
  readonly loneImages: number;
  /** A single image's feature takes 2^loneShift bytes, a vector: `narrowSparse` stores no less. */
  readonly loneShift: number;
}

/**
 * Kernels that fit each other: what they compute at once, how they want memory laid out, from where on the sparse ones win, and how they
 * are called. Programs are built for one set. All sets have the signatures of signatures.ts.
 */
export interface KernelSet {
  /** By which a thread finds it in `KERNEL_SETS`. */
  readonly name: string;
  /** float32 values of a vector. Kernels compute rows in whole vectors, and fill them up with zeros. */
  readonly lanes: number;
  /** Channels that dense kernels compute together, whose weights are packed side by side: [channels / denseChannels][taps][denseChannels]. */
  readonly denseChannels: number;
  /** Taps whose weight gradients the dense kernel computes together. */
  readonly denseTaps: number;
  /** Rows that the sparse convolution computes together. */
  readonly sparseRows: number;
  readonly features: FeatureTile;
  readonly crossover: Crossover;
  /** Bytes that kernels need to work with. */
  readonly scratch: {
    lrn(channels: number, radius: number): number;
    lrnGradient(channels: number, radius: number): number;
    weightGradientSparse(taps: number): number;
  };
  /** Bytes at the start of memory that are the kernels' own. */
  readonly reservedBytes: number;
  /** How far beyond a buffer's last value kernels may read, or write anything. */
  readonly slackBytes: number;
  /** Bytes from one padded plane of so many bytes to the next. */
  planePitch(bytes: number): number;
  /**
   * Makes the kernels ready for threads to open.
   *
   * @param relaxed whether products and sums may be fused
   */
  compile(relaxed: boolean): KernelModule;
  /** @param code of the module, as it is or as a message has brought it to this thread */
  open(code: unknown, memory: WebAssembly.Memory): MakeCalls;
}

/** A set's kernels, compiled. */
export interface KernelModule {
  readonly kernels: KernelSet;
  /** What threads open; messages can pass it on. */
  readonly code: unknown;
  /** What runs the kernels, and which build of them it is: "WebAssembly", "relaxed SIMD". */
  readonly target: string;
  readonly build: string;
}

/** @param values the layer's weights or their mask, zero where they are pruned */
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

/** Images of a block of features. */
export function blockImages({ features: { rows, columns } }: KernelSet): number {
  return rows * columns;
}
