import { type ConnectedLayer, connectLayers } from '../model/connected-layers.ts';
import { INIT_NODE, INPUT_NODE, maskedWeightName, maskName, weightsName } from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { DataType, type GraphDef, type NodeDef } from '../wire/protos.ts';
import { typeAttr } from './attributes.ts';
import { type Flow, flatten, layerNodes } from './layers.ts';
import { lossNodes } from './losses.ts';
import { graphDef, node, placeholder, withOutputShape } from './node.ts';
import { saverNodes } from './saver.ts';
import { assignName, type GraphVariable, graphVariables, readName, variableNodes } from './variables.ts';

/**
 * The graph of a pruned network in training: variables held by reference, masked weights, the forward pass from the
 * placeholder `images` to the logits, the loss, and the operations that save and restore all variables. What computes
 * gradients and masks is not in it.
 *
 * @throws UserError `network` on one that cannot be computed
 */
export function trainingGraph(network: Network, pruningName: string): GraphDef {
  const forward = forwardNodes(network, connectLayers(network));
  const variables = graphVariables(network, pruningName);
  return graphDef([
    ...variables.flatMap(variableNodes),
    ...weightedLayers(network).map(({ name }) => maskedWeight(name, variables)),
    ...forward.nodes,
    ...lossNodes(network, forward.output.name),
    node(
      INIT_NODE,
      'NoOp',
      variables.map(({ name }) => `^${assignName(name)}`),
    ),
    ...saverNodes(variables),
  ]);
}

function forwardNodes(
  { input }: Network,
  layers: readonly ConnectedLayer[],
): { nodes: readonly NodeDef[]; output: Flow } {
  const shape = [-1, ...input];
  const flows = new Map<string, Flow>([[INPUT_NODE, { name: INPUT_NODE, shape }]]);
  const nodes = layers.flatMap((connected) => {
    const inputs = connected.inputs.map(({ name }) => flows.get(name)!);
    const added = layerNodes(connected, inputs);
    flows.set(connected.layer.name, added.output);
    return added.nodes;
  });
  const last = layers.at(-1)!.layer.name;
  const logits = flatten(last, flows.get(last)!);
  return {
    nodes: [placeholder(INPUT_NODE, DataType.DT_FLOAT, shape), ...nodes, ...logits.nodes],
    output: logits.output,
  };
}

function maskedWeight(layer: string, variables: readonly GraphVariable[]): NodeDef {
  const { shape } = variables.find(({ name }) => name === maskName(layer))!;
  const factors = [readName(maskName(layer)), readName(weightsName(layer))];
  return withOutputShape(
    node(maskedWeightName(layer), 'Mul', factors, { T: typeAttr(DataType.DT_FLOAT) }),
    shape,
  );
}
