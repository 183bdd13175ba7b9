import { create } from '@bufbuild/protobuf';
import { type GraphDef, onnx } from '../../wire/protos.ts';
import type { WeightFormat } from '../weight-format.ts';
import { weightConstants } from '../weights/index.ts';
import { fusedBiases } from './biases.ts';
import { GraphBuilder, type Value } from './builder.ts';
import { mergedPlan } from './merged-plan.ts';
import { convert } from './operations.ts';

/** Programs that read ONNX support this version since 2020; it is the first with one scale for each channel of quantized weights. */
const OPSET = 13n;
const IR_VERSION = 7n;

/**
 * The model that computes `outputs` like the frozen graph. It takes images in NHWC, any number of them if the graph does;
 * its operations compute in NCHW.
 *
 * @throws UserError `graph` that names the node which cannot be converted
 */
export function onnxModel(
  graph: GraphDef,
  outputs: readonly string[],
  weightFormat: WeightFormat,
): onnx.ModelProto {
  const plan = mergedPlan(graph, outputs);
  const fused = fusedBiases(plan);
  const builder = new GraphBuilder({
    names: [...plan.operations.map(({ name }) => name), ...outputs],
    outputs,
    weights: new Map(weightConstants(graph).map((weights) => [weights.name, weights])),
    weightFormat,
  });

  const values = new Map<number, Value>();
  const doneWithBiases = new Set([...fused.values()].map(({ into }) => into));
  plan.operations.forEach((operation, index) => {
    if (doneWithBiases.has(index)) return;
    const fusion = fused.get(index);
    const { compute, inputs } = fusion ? plan.operations[fusion.into]! : operation;
    const step = {
      builder,
      name: operation.name,
      shape: operation.shape,
      inputs: inputs.map((input) => values.get(input)!),
      biases: fusion && values.get(fusion.biases)!,
    };
    values.set(index, convert(compute, step));
  });
  for (const { name, operation } of plan.outputs) builder.output(name, values.get(operation)!);
  return create(onnx.ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'cifar10-prune',
    graph: builder.graph,
  });
}
