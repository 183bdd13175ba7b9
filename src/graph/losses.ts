import { CROSS_ENTROPY_NODE, LABELS_NODE, TOTAL_LOSS_NODE, weightsName } from '../model/names.ts';
import { type Network, weightedLayers } from '../model/network.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { float32Scalar } from '../wire/tensor.ts';
import { boolAttr, intAttr, typeAttr } from './attributes.ts';
import { constant, node, placeholder } from './node.ts';
import { readName } from './variables.ts';

const T = { T: typeAttr(DataType.DT_FLOAT) };

/** The nodes of the loss that training minimizes: mean cross-entropy plus weight decay of the raw weights. @param logits a node's name */
export function lossNodes(network: Network, logits: string): NodeDef[] {
  const perExample = node(
    `${CROSS_ENTROPY_NODE}/per_example`,
    'SparseSoftmaxCrossEntropyWithLogits',
    [logits, LABELS_NODE],
    {
      ...T,
      Tlabels: typeAttr(DataType.DT_INT32),
    },
  );
  const batchAxis = constant(`${CROSS_ENTROPY_NODE}/batch_axis`, {
    dtype: 'int32',
    shape: [1],
    data: Int32Array.of(0),
  });
  const crossEntropy = node(CROSS_ENTROPY_NODE, 'Mean', [perExample.name, batchAxis.name], {
    ...T,
    Tidx: typeAttr(DataType.DT_INT32),
    keep_dims: boolAttr(false),
  });
  const weightLosses = weightedLayers(network).map(({ name, weightDecay }) => {
    const norm = node(`${name}/L2Loss`, 'L2Loss', [readName(weightsName(name))], T);
    const decay = constant(`${name}/weight_loss/y`, float32Scalar(weightDecay));
    return [norm, decay, node(`${name}/weight_loss`, 'Mul', [norm.name, decay.name], T)];
  });
  const terms = [crossEntropy.name, ...weightLosses.map((nodes) => nodes.at(-1)!.name)];
  return [
    placeholder(LABELS_NODE, DataType.DT_INT32, [-1]),
    perExample,
    batchAxis,
    crossEntropy,
    ...weightLosses.flat(),
    node(TOTAL_LOSS_NODE, 'AddN', terms, { ...T, N: intAttr(terms.length) }),
  ];
}
