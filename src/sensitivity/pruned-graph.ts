import { clone } from '@bufbuild/protobuf';
import { weightConstants } from '../export/weights/index.ts';
import { applyMask, magnitudeMask } from '../pruning/index.ts';
import { type GraphDef, GraphDefSchema } from '../wire/protos.ts';
import { tensorToProto } from '../wire/tensor.ts';

/** The weights of one layer of a frozen graph. */
export interface LayerWeights {
  /** The name that `weight_sparsity_map` matches: `conv1/weights`. */
  readonly name: string;
  readonly size: number;
  /** Fraction of zeros. */
  readonly sparsity: number;
}

const nameOfWeights = (constant: string) => constant.replace(/\/masked_weight$/, '');

export function layerWeights(graph: GraphDef): LayerWeights[] {
  return weightConstants(graph).map(({ name, value: { data } }) => ({
    name: nameOfWeights(name),
    size: data.length,
    sparsity: data.reduce((zeros, weight) => zeros + Number(weight === 0), 0) / data.length,
  }));
}

/** The graph with the smallest weights of some layers set to zero. @param sparsities fractions of zeros, by the names of {@link layerWeights} */
export function prunedGraph(graph: GraphDef, sparsities: ReadonlyMap<string, number>): GraphDef {
  const pruned = clone(GraphDefSchema, graph);
  for (const { name, value } of weightConstants(pruned)) {
    const sparsity = sparsities.get(nameOfWeights(name));
    if (sparsity === undefined) continue;
    const { mask } = magnitudeMask(value.data, sparsity, 0, 0);
    const node = pruned.node.find((each) => each.name === name)!;
    node.attr.value!.value = {
      case: 'tensor',
      value: tensorToProto({ ...value, data: applyMask(value.data, mask) }),
    };
  }
  return pruned;
}
