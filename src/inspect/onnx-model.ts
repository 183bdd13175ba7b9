import type { onnx } from '../wire/protos.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import { type Model, type ModelTensor, unknownShapesNotice } from './model.ts';
import { numeric } from './numeric-tensor.ts';
import { type OnnxConstant, onnxConstant } from './onnx-constants.ts';
import { type OnnxProduct, onnxProduct, onnxWeights } from './onnx-products.ts';
import { declaredOnnxShape, type OnnxShape, onnxOutputShape } from './onnx-shapes.ts';
import { isExternal, onnxShape, onnxSparseTensor, onnxTensor, onnxTypeName } from './onnx-tensors.ts';
import { describeTensor } from './tensors.ts';

/**
 * An ONNX model of any maker.
 *
 * @throws UserError `graph` if a tensor has other bytes than its shape asks for
 */
export function onnxModel(graph: onnx.GraphProto): Pick<Model, 'weights' | 'tensors' | 'notices'> {
  const stored = storedTensors(graph);
  const constants = new Map<string, OnnxConstant>(
    stored.flatMap(({ name, value, bytes }) => (value ? [[name, { value: numeric(value), bytes }]] : [])),
  );
  const products = walk(graph, constants);
  const weights = onnxWeights(products, constants);
  const names = new Set(weights.map(({ name }) => name));
  const unknown = products.filter(({ uses }) => uses === undefined).map(({ name }) => name);
  const external = graph.initializer.filter(isExternal).length;
  return {
    weights,
    tensors: stored.filter(({ name }) => !names.has(name)).map(({ described }) => described),
    notices: [
      ...(external > 0 ? [`the values of ${external} tensors are in other files, which are not read`] : []),
      ...unknownShapesNotice(unknown),
    ],
  };
}

/** Decodes weights into `constants` and finds what multiplies by them. Nodes of ONNX come after what they read. */
function walk(graph: onnx.GraphProto, constants: Map<string, OnnxConstant>): OnnxProduct[] {
  const shapes = new Map<string, OnnxShape>();
  for (const info of [...graph.input, ...graph.valueInfo]) {
    const shape = declaredOnnxShape(info);
    if (shape) shapes.set(info.name, shape);
  }
  const shapeOf = (name: string) => constants.get(name)?.value.shape ?? shapes.get(name);
  return graph.node.flatMap((node) => {
    const [output = ''] = node.output;
    const inputs = node.input.flatMap((name) => constants.get(name) ?? []);
    const value =
      inputs.length === node.input.length
        ? onnxConstant(
            node,
            inputs.map((input) => input.value),
          )
        : undefined;
    if (value) constants.set(output, { value, bytes: inputs.reduce((sum, { bytes }) => sum + bytes, 0) });
    const shape = shapes.get(output) ?? onnxOutputShape(node, node.input.map(shapeOf));
    if (shape) shapes.set(output, shape);
    return onnxProduct(node, constants, shapeOf) ?? [];
  });
}

interface StoredTensor {
  readonly name: string;
  /** Undefined where it is not read. */
  readonly value: Tensor | undefined;
  readonly bytes: number;
  readonly described: ModelTensor;
}

function storedTensors({ initializer, sparseInitializer }: onnx.GraphProto): StoredTensor[] {
  return [
    ...initializer.map((proto): StoredTensor => {
      const value = onnxTensor(proto);
      const bytes = value ? tensorBytes(value).length : proto.rawData.length;
      return { name: proto.name, value, bytes, described: describe(proto, onnxShape(proto), value, bytes) };
    }),
    ...sparseInitializer.map((proto): StoredTensor => {
      const { values, indices } = proto;
      const { name = '' } = values ?? {};
      const value = onnxSparseTensor(proto);
      const bytes = (values?.rawData.length ?? 0) + (indices?.rawData.length ?? 0);
      return { name, value, bytes, described: describe(values, onnxShape(proto), value, bytes) };
    }),
  ];
}

function describe(
  proto: onnx.TensorProto | undefined,
  shape: readonly number[],
  value: Tensor | undefined,
  bytes: number,
): ModelTensor {
  const { name = '', dataType = 0 } = proto ?? {};
  if (value) return { ...describeTensor(name, value), bytes };
  return { name, dtype: onnxTypeName(dataType), shape, bytes, nonzero: undefined };
}
