/** Where an operation runs; TensorFlow logs it as `conv1/Conv2D: (Conv2D): device`. */
export interface Placement {
  /** The node's name. */
  readonly name: string;
  /** The node's operation. */
  readonly op: string;
  readonly device: string;
}

/** What the engines compute of a training graph; variables, savers and the like are nobody's computation. */
const FORWARD_OPERATIONS = new Set([
  'Conv2D',
  'MatMul',
  'BiasAdd',
  'Add',
  'AddV2',
  'Mul',
  'Relu',
  'MaxPool',
  'LRN',
  'Reshape',
  'Softmax',
]);

/**
 * The placement of a graph's forward operations.
 *
 * @param nodes of a GraphDef
 * @param device as `selectEngine` names it
 */
export function forwardPlacement(
  nodes: Iterable<{ readonly name: string; readonly op: string }>,
  device: string,
): Placement[] {
  return [...nodes]
    .filter(({ op }) => FORWARD_OPERATIONS.has(op))
    .map(({ name, op }) => ({ name, op, device }));
}
