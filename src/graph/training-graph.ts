import { networkPlan } from '../engine/network-plan.ts';
import { INIT_NODE } from '../model/names.ts';
import type { Network } from '../model/network.ts';
import type { GraphDef } from '../wire/protos.ts';
import { operationNodes } from './forward.ts';
import { lossNodes } from './losses.ts';
import { graphDef, node } from './node.ts';
import { saverNodes } from './saver.ts';
import { assignName, graphVariables, variableNodes } from './variables.ts';

/**
 * The training graph of a pruned network: reference variables, masked weights, the forward pass from the placeholder `images` to
 * the logits, the loss, and the operations that save and restore all variables. It does not contain the computation of gradients
 * and masks.
 *
 * @param pruningName the hparam `name`
 * @throws UserError `network` if the network cannot be computed
 */
export function trainingGraph(network: Network, pruningName: string): GraphDef {
  const { operations, output } = networkPlan(network).plan;
  const variables = graphVariables(network, pruningName);
  const isMasking = ({ compute }: (typeof operations)[number]) => compute.op === 'Mul';
  const nodesOf = (some: typeof operations) => some.flatMap((each) => operationNodes(each, operations));
  return graphDef([
    ...variables.flatMap(variableNodes),
    ...nodesOf(operations.filter(isMasking)),
    ...nodesOf(operations.filter((operation) => !isMasking(operation))),
    ...lossNodes(network, operations[output]!.name),
    node(
      INIT_NODE,
      'NoOp',
      variables.map(({ name }) => `^${assignName(name)}`),
    ),
    ...saverNodes(variables),
  ]);
}
