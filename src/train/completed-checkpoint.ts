import type { Checkpoint } from '../checkpoint/index.ts';
import { graphVariables } from '../graph/index.ts';
import {
  averageName,
  CROSS_ENTROPY_AVERAGE,
  GLOBAL_STEP,
  maskName,
  pruningNameIn,
  TOTAL_LOSS_AVERAGE,
  thresholdName,
  weightLossAverageName,
  weightsName,
} from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { trainableVariables } from '../model/variables.ts';
import { float32Scalar, float32Tensor, type Tensor } from '../wire/tensor.ts';

/** A checkpoint that another program wrote, completed so that a run can continue it. */
export interface CompletedCheckpoint {
  /** The checkpoint with every variable that a run of this package has. */
  readonly checkpoint: Checkpoint;
  /** The hparam `name` of its pruning variables; undefined if it has not been pruned. */
  readonly pruningName: string | undefined;
  /** Lines that say which values were added, and which variables are not used. */
  readonly notices: readonly string[];
}

/** Variables of one kind that may be missing, with the values that they then start from. */
interface Kind {
  readonly what: string;
  readonly start: string;
  readonly variables: readonly (readonly [name: string, value: () => Promise<Tensor>])[];
}

/** Adds the variables that a checkpoint of another program lacks: without pruning, for example, it has no masks. */
export function completeCheckpoint(checkpoint: Checkpoint, network: Network): CompletedCheckpoint {
  const lacking = kinds(checkpoint, network)
    .map((kind) => ({ ...kind, variables: kind.variables.filter(([name]) => !checkpoint.has(name)) }))
    .filter(({ variables }) => variables.length > 0);
  const values = new Map(lacking.flatMap(({ variables }) => variables));
  const pruningName = pruningNameIn(checkpoint.names);
  const known = new Set(graphVariables(network, pruningName ?? '').map(({ name }) => name));
  const unused = checkpoint.names.filter((name) => !known.has(name));
  return {
    checkpoint: {
      ...checkpoint,
      has: (name) => values.has(name) || checkpoint.has(name),
      read: (name) => values.get(name)?.() ?? checkpoint.read(name),
    },
    pruningName,
    notices: [
      ...lacking.map(
        ({ what, start, variables }) => `${what} (${some(variables.map(([name]) => name))}): ${start}`,
      ),
      ...(unused.length > 0 ? [`not used: ${some(unused)}`] : []),
    ],
  };
}

function kinds(checkpoint: Checkpoint, network: Network): Kind[] {
  const trainable = trainableVariables(network);
  const layers = weightedLayers(network).map(({ name }) => name);
  const weights = trainable.filter(({ name, layer }) => name === weightsName(layer));
  const zero = async () => float32Scalar(0);
  return [
    {
      what: 'no global step',
      start: 'counted from the name of the checkpoint',
      variables: [
        [
          GLOBAL_STEP,
          async () => ({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(checkpoint.step ?? 0)) }),
        ],
      ],
    },
    {
      what: 'no moving averages',
      start: 'they start from the variables',
      variables: trainable.map(({ name }) => [averageName(name), () => checkpoint.read(name)]),
    },
    {
      what: 'no masks',
      start: 'nothing is pruned yet',
      variables: weights.map(({ layer, shape, size }) => [
        maskName(layer),
        async () => float32Tensor(shape, new Float32Array(size).fill(1)),
      ]),
    },
    {
      what: 'no thresholds',
      start: 'they start at 0',
      variables: layers.map((layer) => [thresholdName(layer), zero]),
    },
    {
      what: 'no averages of losses',
      start: 'they start at 0',
      variables: [TOTAL_LOSS_AVERAGE, CROSS_ENTROPY_AVERAGE, ...layers.map(weightLossAverageName)].map(
        (name) => [name, zero],
      ),
    },
  ];
}

function some(names: readonly string[]): string {
  const others = names.length - 1;
  return others === 0 ? names[0]! : `${names[0]} and ${others} other${others === 1 ? '' : 's'}`;
}
