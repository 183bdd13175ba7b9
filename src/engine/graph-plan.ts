/**
 * A graph made ready to compute: validated, with shapes that fit, in an order in which every operation comes after its
 * inputs. All tensors are float32, images NHWC. A frozen graph gives one of computations alone, a network one with variables.
 */
export interface GraphPlan<C = Computation> {
  readonly operations: readonly PlannedOperation<C>[];
  /** Index in `operations` of the one whose result is wanted. */
  readonly output: number;
}

export interface PlannedOperation<C = Computation> {
  /** The node's name. */
  readonly name: string;
  readonly compute: C;
  /** Indices in `operations` of the inputs, all smaller than this operation's own. */
  readonly inputs: readonly number[];
  /** Of the result; the first extent is -1 where it is the number of images and may be any. */
  readonly shape: readonly number[];
}

/** What an operation does to its inputs, in TensorFlow's names. */
export type Computation =
  /** The images; extents without the batch. */
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
  /** Two or more tensors behind one another along an axis, 0 or more; along the others their extents are the same. */
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

/** Of height and width. */
export type Extents = readonly [number, number];

/** Computes one plan. Calls must not overlap. */
export interface GraphExecutor {
  readonly description: string;
  /** The output's values, row-major. @param images NHWC float32, `batch` of them */
  run(images: Float32Array, batch: number): Promise<Float32Array>;
  /** Frees memory and ends threads. The executor is unusable afterwards. */
  dispose(): Promise<void>;
}
