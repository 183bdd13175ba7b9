import { type Checkpoint, readFloat32 } from '../checkpoint/index.ts';
import type { Engine } from '../engine/engine.ts';
import { graphVariables } from '../graph/index.ts';
import {
  averageName,
  CROSS_ENTROPY_AVERAGE,
  GLOBAL_STEP,
  lastMaskUpdateStepName,
  layerOf,
  maskName,
  TOTAL_LOSS_AVERAGE,
  thresholdName,
  weightLossAverageName,
  weightsName,
} from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { trainableVariables } from '../model/variables.ts';
import type { PruningState } from '../pruning/index.ts';
import type { Tensor } from '../wire/tensor.ts';
import type { Losses } from './losses.ts';

/** The state of a run, except for what the engine holds. */
export interface Progress {
  /** The global step: the number of steps trained so far. */
  readonly step: number;
  readonly pruning: PruningState;
  readonly lossAverages: Losses;
}

/** The variables that an engine holds: weights, biases and their moving averages. */
function engineVariableNames(network: Network): string[] {
  return trainableVariables(network).flatMap(({ name }) => [name, averageName(name)]);
}

/** All variables of a checkpoint, by name. */
export async function checkpointVariables(
  engine: Engine,
  progress: Progress,
  pruningName: string,
): Promise<Map<string, Tensor>> {
  const { step, pruning, lossAverages } = progress;
  const values = await engine.readVariables(engineVariableNames(engine.network));
  for (const [weights, mask] of pruning.masks) values.set(maskName(layerOf(weights)), mask);
  const scalars = new Map<string, number>(lossAverages);
  for (const [weights, threshold] of pruning.thresholds)
    scalars.set(thresholdName(layerOf(weights)), threshold);
  scalars.set(GLOBAL_STEP, step);
  scalars.set(lastMaskUpdateStepName(pruningName), pruning.lastMaskUpdateStep);
  return new Map(
    graphVariables(engine.network, pruningName).map(({ name, dtype, shape }): [string, Tensor] => {
      const scalar = scalars.get(name) ?? 0;
      if (dtype === 'int64') return [name, { dtype, shape, data: BigInt64Array.of(BigInt(scalar)) }];
      if (dtype === 'int32') return [name, { dtype, shape, data: Int32Array.of(scalar) }];
      return [name, { dtype, shape, data: values.get(name) ?? Float32Array.of(scalar) }];
    }),
  );
}

/**
 * Sets the engine's variables and masks from a checkpoint.
 *
 * @returns the progress of the run that wrote it
 * @throws UserError `checkpoint` if a variable is missing, damaged or of another shape
 */
export async function restoreCheckpoint(checkpoint: Checkpoint, engine: Engine): Promise<Progress> {
  const { network } = engine;
  const layers = weightedLayers(network).map(({ name }) => name);
  const lastUpdate = checkpoint.names.find((name) => name.endsWith(lastMaskUpdateStepName('')));
  const scalar = async (name: string) => Number((await checkpoint.read(name)).data[0]);
  const shapes = new Map(trainableVariables(network).map(({ name, shape }) => [name, shape]));
  const variables = new Map<string, Float32Array>();
  for (const [name, shape] of shapes)
    for (const variable of [name, averageName(name)])
      variables.set(variable, await readFloat32(checkpoint, variable, shape));
  const masks = new Map<string, Float32Array>();
  const thresholds = new Map<string, number>();
  for (const layer of layers) {
    const weights = weightsName(layer);
    masks.set(weights, await readFloat32(checkpoint, maskName(layer), shapes.get(weights)!));
    thresholds.set(weights, await scalar(thresholdName(layer)));
  }
  const lossAverages = new Map<string, number>();
  for (const name of [TOTAL_LOSS_AVERAGE, CROSS_ENTROPY_AVERAGE, ...layers.map(weightLossAverageName)])
    lossAverages.set(name, await scalar(name));
  const lastMaskUpdateStep = lastUpdate === undefined ? 0 : await scalar(lastUpdate);
  const step = await scalar(GLOBAL_STEP);
  engine.setVariables(variables);
  const pruning = { lastMaskUpdateStep, masks, thresholds };
  engine.setMasks(masks);
  return { step, pruning, lossAverages };
}
