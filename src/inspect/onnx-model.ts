import { numeric } from '../formats/numeric-tensor.ts';
import {
  isExternal,
  onnxShape,
  onnxSparseTensor,
  onnxTensor,
  onnxTypeName,
} from '../formats/onnx/tensors.ts';
import type { onnx } from '../wire/protos.ts';
import { type Tensor, tensorBytes } from '../wire/tensor.ts';
import { imagesIn } from './batch.ts';
import { givenShapes, type InputShapes } from './input-shapes.ts';
import { type Model, type ModelTensor, unknownShapesNotice } from './model.ts';
import type { OnnxConstant } from './onnx-constant.ts';
import { onnxWeights } from './onnx-products.ts';
import { batchAxis, OnnxScope, type OnnxWalk, walkOnnx } from './onnx-walk.ts';
import { describeTensor } from './tensors.ts';

/**
 * An ONNX model from any program, with the bodies of its loops and branches.
 *
 * @throws UserError `graph` if the bytes of a tensor do not match its shape, `argument` if there is no such input
 */
export function onnxModel(
  graph: onnx.GraphProto,
  inputShapes: InputShapes = [],
): Pick<Model, 'weights' | 'tensors' | 'notices' | 'incomplete'> {
  const stored: StoredTensor[] = [];
  const held = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.map(({ name }) => name).filter((name) => !held.has(name));
  const names = new Set([...inputs, ...graph.node.flatMap(({ output }) => output)]);
  const scope = new OnnxScope();
  const walk: OnnxWalk = {
    given: givenShapes(inputShapes, inputs, (name) => names.has(name)),
    hold: (holder, into) => {
      for (const tensor of storedTensors(holder)) {
        stored.push(tensor);
        if (tensor.value)
          into.constants.set(tensor.name, storedConstant(tensor.name, tensor.value, tensor.bytes));
      }
    },
    products: [],
  };
  walkOnnx(graph, scope, walk);
  const images = imagesIn(
    inputs.flatMap((name) => {
      const shape = scope.shape(name);
      return shape ? [batchAxis(graph, name) === 1 ? [shape[1], shape[0], ...shape.slice(2)] : shape] : [];
    }),
  );
  const weights = onnxWeights(walk.products, images);
  const named = new Set(weights.map(({ name }) => name));
  const unknown = walk.products.filter(({ uses }) => uses === undefined).map(({ name }) => name);
  const external = graph.initializer.filter(isExternal).length;
  return {
    weights,
    tensors: stored.filter(({ name }) => !named.has(name)).map(({ described }) => described),
    incomplete: stored.some(({ value }) => value === undefined),
    notices: [
      ...(external > 0 ? [`the values of ${external} tensors are in other files, which are not read`] : []),
      ...unknownShapesNotice(unknown),
    ],
  };
}

function storedConstant(name: string, tensor: Tensor, bytes: number): OnnxConstant {
  const value = numeric(tensor);
  return { value, bytes, key: name, name, shape: value.shape };
}

interface StoredTensor {
  readonly name: string;
  /** Undefined if the values are not read. */
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
