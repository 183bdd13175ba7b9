import { saveCheckpoint } from '../../src/checkpoint/index.ts';
import { type GraphVariable, graphVariables, metaGraph } from '../../src/graph/index.ts';
import { initialValues } from '../../src/model/variables.ts';
import { CIFAR10_NETWORK } from '../../src/tasks/cifar10.ts';
import { elementCount, type Tensor } from '../../src/wire/tensor.ts';

const PRUNING_NAME = 'cifar10_pruning';
const WEIGHTS_PER_SURVIVOR = 10;

/**
 * Writes a checkpoint of the untrained network whose masks are 90% zeros, but for the values that are given by variable, and
 * returns its prefix.
 */
export function writeCheckpoint(
  dir: string,
  step: number,
  given: ReadonlyMap<string, Float32Array> = new Map(),
): Promise<string> {
  const initial = initialValues(CIFAR10_NETWORK, 1);
  const variables = graphVariables(CIFAR10_NETWORK, PRUNING_NAME);
  return saveCheckpoint({
    dir,
    step,
    variables: new Map(
      variables.map((variable) => [variable.name, savedValue(variable, initial, step, given)]),
    ),
    metaGraph: metaGraph(CIFAR10_NETWORK, { pruningName: PRUNING_NAME, keep: 5 }),
    keep: 5,
  });
}

function savedValue(
  { name, dtype, shape }: GraphVariable,
  initial: ReadonlyMap<string, Float32Array>,
  step: number,
  given: ReadonlyMap<string, Float32Array>,
): Tensor {
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.of(BigInt(step)) };
  if (dtype === 'int32') return { dtype, shape, data: Int32Array.of(step) };
  const set = given.get(name);
  if (set) return { dtype, shape, data: set };
  const size = elementCount(shape);
  const data = name.endsWith('/mask')
    ? Float32Array.from({ length: size }, (_, index) => (index % WEIGHTS_PER_SURVIVOR === 0 ? 1 : 0))
    : (initial.get(name) ?? new Float32Array(size));
  return { dtype, shape, data };
}
