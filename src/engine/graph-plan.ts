/**
 * A validated graph: shapes fit, and every operation comes after its inputs. All tensors are float32, images NHWC. The plan of a
 * frozen graph consists of computations only; that of a network has variables, too.
 */
export interface GraphPlan<C = Computation> {
  readonly operations: readonly PlannedOperation<C>[];
  /** Index in `operations` of the operation whose result is the output. */
  readonly output: number;
}

export interface PlannedOperation<C = Computation> {
  /** The node's name. */
  readonly name: string;
  readonly compute: C;
  /** Indices in `operations` of the inputs, all smaller than this operation's own index. */
  readonly inputs: readonly number[];
  /** Shape of the result. The first extent is -1 if it is the number of images and is not fixed. */
  readonly shape: readonly number[];
}

/** What an operation does to its inputs, in TensorFlow's names. */
export type Computation =
  /** The images. `imageShape` does not include the batch. */
  | { readonly op: 'Placeholder'; readonly imageShape: readonly number[] }
  | { readonly op: 'Const'; readonly shape: readonly number[]; readonly values: Float32Array }
  | { readonly op: 'Add' | 'Mul' | 'Relu' | 'Softmax' }
  | ({ readonly op: 'Conv2D'; readonly dilations: Extents } & Sliding)
  | ({ readonly op: 'MaxPool'; readonly window: Extents } & Sliding)
  | {
      readonly op: 'LRN';
      readonly depthRadius: number;
      readonly bias: number;
      readonly alpha: number;
      readonly beta: number;
    }
  /** Joins two or more tensors along `axis`, at least 0. All other extents are equal. */
  | { readonly op: 'ConcatV2'; readonly axis: number }
  /** At most one extent is -1. */
  | { readonly op: 'Reshape'; readonly shape: readonly number[] }
  | { readonly op: 'MatMul'; readonly transposeA: boolean; readonly transposeB: boolean };

/** Values that training changes, in the operation's shape; it has no inputs. */
export interface Variable {
  readonly op: 'VariableV2';
}

interface Sliding {
  readonly strides: Extents;
  readonly padding: 'SAME' | 'VALID';
}

/** [height, width]. */
export type Extents = readonly [number, number];

/** Computes one plan. Calls must not overlap. */
export interface GraphExecutor {
  readonly description: string;
  /** Returns the output's values, row-major. @param images `batch` images, NHWC */
  run(images: Float32Array, batch: number): Promise<Float32Array>;
  /** Frees memory and ends threads. The executor is unusable afterwards. */
  dispose(): Promise<void>;
}
