/** Where an operation runs; TensorFlow logs it as `conv1/Conv2D: (Conv2D): device`. */
export interface Placement {
  /** The node's name. */
  readonly name: string;
  /** The node's operation. */
  readonly op: string;
  readonly device: string;
}

/** What an engine holds and computes in a step; the host initializes, saves and restores. */
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
 * The placement of a training graph's operations.
 *
 * @param nodes of the graph
 * @param device as `selectEngine` names it
 */
export function placeOperations(
  nodes: Iterable<{ readonly name: string; readonly op: string }>,
  device: string,
): Placement[] {
  return [...nodes]
    .filter(({ name, op }) => ENGINE_OPERATIONS.has(op) && !name.includes(INITIALIZERS))
    .map(({ name, op }) => ({ name, op, device }));
}
