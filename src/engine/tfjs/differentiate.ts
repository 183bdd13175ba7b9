import * as tf from '@tensorflow/tfjs';
import { weightsName } from '../../model/names.ts';
import { type Network, weightedLayers } from '../../model/network.ts';
import { batchAccuracy } from '../batch.ts';
import type { StepResult } from '../engine.ts';
import type { NetworkPlan } from '../network-plan.ts';
import { sparseSoftmaxCrossEntropy, weightLoss } from './loss.ts';
import { computePlan } from './operations.ts';
import { download, type TensorMap } from './tensor-map.ts';

/** The tensors of a network: variables by name, masks by the name of their weights. */
export interface NetworkState {
  readonly variables: TensorMap;
  readonly masks: TensorMap;
}

/** Returns a function from a variable of the plan to its tensor. */
export function valueIn({ variables, masks }: NetworkState, { weightsOf }: NetworkPlan) {
  return ({ name }: { readonly name: string }): tf.Tensor => {
    const weights = weightsOf.get(name);
    return weights === undefined ? variables.get(name) : masks.get(weights);
  };
}

/**
 * Runs the forward and the backward pass over one batch.
 *
 * @returns what the step measured, and d total loss / d variable by the name of each trainable variable
 */
export function differentiate(
  network: Network,
  forward: NetworkPlan,
  state: NetworkState,
  images: Float32Array,
  labels: Uint8Array,
  trainables: readonly string[],
  observe: boolean,
): { result: StepResult; gradients: Map<string, tf.Tensor> } {
  const activations = new Map<string, Float32Array>();
  const weightLosses = new Map(weightedLayers(network).map((layer) => [layer.name, 0]));
  let crossEntropy = Number.NaN;
  let accuracy = Number.NaN;

  const totalLoss = (): tf.Scalar => {
    const results = computePlan(forward.plan, images, labels.length, valueIn(state, forward));
    const logits = results[forward.plan.output] as tf.Tensor2D;
    for (const { name } of observe ? weightedLayers(network) : [])
      activations.set(name, download(results[forward.outputs.get(name)!]!));
    accuracy = batchAccuracy(download(logits), labels);
    let total = sparseSoftmaxCrossEntropy(logits, tf.tensor1d(labels, 'int32'));
    crossEntropy = scalarValue(total);
    for (const { name, weightDecay } of weightedLayers(network)) {
      if (weightDecay === 0) continue;
      const loss = weightLoss(state.variables.get(weightsName(name)), weightDecay);
      weightLosses.set(name, scalarValue(loss));
      total = tf.add(total, loss);
    }
    return total;
  };

  const { value, grads } = tf.valueAndGrads(totalLoss)(trainables.map((name) => state.variables.get(name)));
  const gradients = new Map(trainables.map((name, i) => [name, grads[i]!]));
  const measured = { totalLoss: scalarValue(value), crossEntropy, weightLosses, accuracy };
  if (!observe) return { result: measured, gradients };
  const copies = new Map([...gradients].map(([name, gradient]) => [name, download(gradient)]));
  return { result: { ...measured, observed: { gradients: copies, activations } }, gradients };
}

function scalarValue(scalar: tf.Tensor): number {
  return scalar.dataSync()[0]!;
}
