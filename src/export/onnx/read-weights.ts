import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import { numeric } from '../../formats/numeric-tensor.ts';
import { onnxConstant } from '../../formats/onnx/constants.ts';
import {
  isReadable,
  MAX_ELEMENTS,
  onnxShape,
  onnxSparseTensor,
  onnxTensor,
} from '../../formats/onnx/tensors.ts';
import { printable } from '../../printable.ts';
import { isMaskedWeight } from '../../strip/index.ts';
import { transposed } from '../../tensorflow/fold/transposed.ts';
import { onnx } from '../../wire/protos.ts';
import { float32Tensor, type Tensor, type TensorOf } from '../../wire/tensor.ts';
import type { StoredWeight } from '../format.ts';
import { OIHW_TO_PLAIN } from './layout.ts';
import { dtypeOf } from './messages.ts';

/** The operations with which our models decode weights. */
const DECODERS: ReadonlySet<string> = new Set(['Cast', 'DequantizeLinear']);

/**
 * The filters of convolutions, the matrices of matrix products, and tensors that are named like masked weights: by name, as
 * float32 values in TensorFlow's order of axes.
 *
 * @throws UserError `graph` if the bytes are damaged
 */
export function readOnnxWeights(bytes: Uint8Array): Map<string, StoredWeight> {
  const { initializer, sparseInitializer, node } = parsedGraph(bytes);
  const initializers = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  const read = (opType: string, ...inputs: number[]) =>
    new Set(
      node.flatMap(({ opType: op, input }) => (op === opType ? inputs.map((each) => input[each]) : [])),
    );
  const [filters, matrices] = [read('Conv', 1), read('Gemm', 0, 1)];
  const found = new Map<string, StoredWeight>();
  const add = (name: string, value: TensorOf<'float32'>, size: number) => {
    if (filters.has(name)) found.set(name, { value: plainFilter(name, value), bytes: size });
    else if (matrices.has(name) || isMaskedWeight(name)) found.set(name, { value, bytes: size });
  };

  for (const stored of initializer) {
    const tensor = tensorOf(stored);
    if (tensor.dtype === 'float32') add(stored.name, tensor, sizeOf(stored));
  }
  for (const tensor of sparseInitializer)
    add(tensor.values?.name ?? '', withZeros(tensor), toBinary(onnx.SparseTensorProtoSchema, tensor).length);
  for (const decoder of node) {
    const parts = decoder.input.flatMap((name) => initializers.get(name) ?? []);
    const value = parts.length === decoder.input.length ? decoded(decoder, parts.map(tensorOf)) : undefined;
    const size = parts.reduce(
      (sum, part) => sum + sizeOf(part),
      toBinary(onnx.NodeProtoSchema, decoder).length,
    );
    if (value) add(decoder.output[0]!, value, size);
  }
  return found;
}

function plainFilter(name: string, filter: TensorOf<'float32'>): TensorOf<'float32'> {
  const plain = transposed(filter, OIHW_TO_PLAIN);
  if (plain) return { ...filter, ...plain };
  throw new UserError('graph', `filter ${printable(name)} has shape [${filter.shape}], expected 4 axes`);
}

function parsedGraph(bytes: Uint8Array): onnx.GraphProto {
  const graph = tryParse(bytes)?.graph;
  if (graph) return graph;
  throw new UserError('graph', 'the file is not an ONNX model', 'Write the file again: it is damaged.');
}

function tryParse(bytes: Uint8Array): onnx.ModelProto | undefined {
  try {
    return fromBinary(onnx.ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

/** The result of a node on constants; undefined for nodes that {@link storeWeights} does not write. */
function decoded(node: onnx.NodeProto, parts: readonly Tensor[]): TensorOf<'float32'> | undefined {
  if (!DECODERS.has(node.opType)) return undefined;
  const value = onnxConstant(node, parts.map(numeric));
  return value?.values instanceof Float32Array ? float32Tensor(value.shape, value.values) : undefined;
}

function withZeros(stored: onnx.SparseTensorProto): TensorOf<'float32'> {
  const { values, dims } = stored;
  const { name = '' } = values ?? {};
  const shape = checkedShape(name, dims);
  const tensor = onnxSparseTensor(stored);
  if (tensor) return tensor;
  throw new UserError(
    'graph',
    `sparse tensor ${printable(name)} has values and indices that do not match shape [${shape}]`,
  );
}

function tensorOf(stored: onnx.TensorProto): Tensor {
  const { name, dims, dataType } = stored;
  checkedShape(name, dims);
  const tensor = dtypeOf(dataType) && onnxTensor(stored);
  if (tensor) return tensor;
  throw new UserError('graph', `tensor ${printable(name)} has element type ${dataType}`);
}

function checkedShape(name: string, dims: readonly bigint[]): number[] {
  const shape = onnxShape({ dims: [...dims] });
  if (isReadable(shape)) return shape;
  throw new UserError(
    'graph',
    `tensor ${printable(name)} has shape [${shape}], expected at most ${MAX_ELEMENTS} elements`,
  );
}

const sizeOf = (tensor: onnx.TensorProto) => toBinary(onnx.TensorProtoSchema, tensor).length;
