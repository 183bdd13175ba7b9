/** Where an operation runs; TensorFlow logs it as `conv1/Conv2D: (Conv2D): device`. */
export interface Placement {
  /** The node's name. */
  readonly name: string;
  /** The node's operation. */
  readonly op: string;
  readonly device: string;
}

/** Operations that run on the engine's device in a training step. All others, such as those that save, run on the host. */
const ENGINE_OPERATIONS = new Set([
  'VariableV2',
  'Mul',
  'Conv2D',
  'BiasAdd',
  'Relu',
  'MaxPool',
  'LRN',
  'Reshape',
  'MatMul',
  'Add',
  'AddV2',
  'ConcatV2',
  'SparseSoftmaxCrossEntropyWithLogits',
  'Mean',
  'L2Loss',
  'AddN',
]);
const INITIALIZERS = '/Initializer/';

/**
 * Lists the operations of a training graph that run on the engine's device.
 *
 * @param nodes nodes of the graph
 * @param device the engine's name, as `selectEngine` returns it
 */
export function placeOperations(
  nodes: Iterable<{ readonly name: string; readonly op: string }>,
  device: string,
): Placement[] {
  return [...nodes]
    .filter(({ name, op }) => ENGINE_OPERATIONS.has(op) && !name.includes(INITIALIZERS))
    .map(({ name, op }) => ({ name, op, device }));
}
