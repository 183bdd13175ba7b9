import { create } from '@bufbuild/protobuf';
import { UserError } from '../errors.ts';
import { planGraph } from '../runtime/plan.ts';
import {
  DataType,
  type GraphDef,
  type NodeDef,
  type SignatureDef,
  SignatureDefSchema,
  type TensorInfo,
  TensorInfoSchema,
  type TensorShapeProto,
  TensorShapeProtoSchema,
} from '../wire/protos.ts';
import { shapeProto } from '../wire/tensor.ts';

const PREDICT = 'tensorflow/serving/predict';
/** Attributes that may give the element type of a node's output; the first one that the node has counts. */
const RESULT_TYPES = ['output_type', 'DstT', 'dtype', 'T'];

/** The signature of a frozen graph: its placeholders are the inputs, `outputs` the outputs, under the nodes' names. */
export function servingSignature(graph: GraphDef, outputs: readonly string[]): SignatureDef {
  const nodes = new Map(graph.node.map((node) => [node.name, node]));
  const placeholders = graph.node.filter(({ op }) => op.startsWith('Placeholder'));
  return create(SignatureDefSchema, {
    methodName: PREDICT,
    inputs: Object.fromEntries(
      placeholders.map((node) => [node.name, tensorInfo(node, declaredShape(node))]),
    ),
    outputs: Object.fromEntries(
      outputs.map((name) => [name, tensorInfo(nodes.get(name)!, plannedShape(graph, name))]),
    ),
  });
}

function tensorInfo(node: NodeDef, tensorShape: TensorShapeProto): TensorInfo {
  const encoding = { case: 'name', value: `${node.name}:0` } as const;
  return create(TensorInfoSchema, { encoding, dtype: resultType(node), tensorShape });
}

function declaredShape({ attr }: NodeDef): TensorShapeProto {
  const shape = attr.shape?.value;
  return shape?.case === 'shape' ? shape.value : unknownShape();
}

/** The shape of an output as our runtime plans it; of unknown rank if the runtime cannot compute it. */
function plannedShape(graph: GraphDef, output: string): TensorShapeProto {
  try {
    return shapeProto(planGraph(graph, output).outputShape);
  } catch (error) {
    if (error instanceof UserError) return unknownShape();
    throw error;
  }
}

const unknownShape = () => create(TensorShapeProtoSchema, { unknownRank: true });

function resultType({ attr }: NodeDef): DataType {
  for (const key of RESULT_TYPES) {
    const type = attr[key]?.value;
    if (type?.case === 'type') return type.value;
  }
  return DataType.DT_FLOAT;
}
