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
/** Attributes that name the element type of what a node gives; where several are there, the first does. */
const RESULT_TYPES = ['output_type', 'DstT', 'dtype', 'T'];

/** What goes into a frozen graph, its placeholders, and what comes out, both under the names of the nodes. */
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

/** Of an output that our runtime cannot compute nothing is known. */
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
