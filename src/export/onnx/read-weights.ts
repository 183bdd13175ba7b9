import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { isMaskedWeight } from '../../strip/index.ts';
import { transposed } from '../../tensorflow/fold/transposed.ts';
import { decodeHalves } from '../../wire/half.ts';
import { onnx } from '../../wire/protos.ts';
import {
  elementCount,
  float32Tensor,
  type Tensor,
  type TensorOf,
  tensorFromBytes,
} from '../../wire/tensor.ts';
import type { StoredWeight } from '../format.ts';
import { OIHW_TO_PLAIN } from './layout.ts';
import { dtypeOf } from './messages.ts';

/** Limit far beyond any real network, so that a damaged file is an error and not the end of memory. */
const MAX_ELEMENTS = 2 ** 28;

/**
 * The filters of convolutions, the matrices of products and what is named as masked weights are, by name, as float32 values
 * in TensorFlow's order of axes.
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
  throw new UserError('graph', 'the bytes are no ONNX model', 'Write the file again: it is damaged.');
}

function tryParse(bytes: Uint8Array): onnx.ModelProto | undefined {
  try {
    return fromBinary(onnx.ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

/** What a node makes of constants, if it is one that {@link storeWeights} writes. */
function decoded(node: onnx.NodeProto, [values, scale]: Tensor[]): TensorOf<'float32'> | undefined {
  if (node.opType === 'Cast' && values?.dtype === 'float16')
    return float32Tensor(values.shape, decodeHalves(values.data));
  if (node.opType !== 'DequantizeLinear' || values?.dtype !== 'int8' || scale?.dtype !== 'float32')
    return undefined;
  const axis = Number(node.attribute.find(({ name }) => name === 'axis')?.i ?? 1);
  const each = elementCount(values.shape.slice(axis + 1));
  const data = Float32Array.from(
    values.data,
    (multiple, i) => multiple * scale.data[Math.floor(i / each) % scale.data.length]!,
  );
  return float32Tensor(values.shape, data);
}

function withZeros({ values, indices, dims }: onnx.SparseTensorProto): TensorOf<'float32'> {
  const [survivors, places] = [values && tensorOf(values), indices && tensorOf(indices)];
  const shape = checkedShape(values?.name ?? '', dims);
  const dense = new Float32Array(elementCount(shape));
  const fits =
    survivors?.dtype === 'float32' &&
    places?.dtype === 'int64' &&
    places.data.length === survivors.data.length &&
    places.data.every((place) => place >= 0 && place < dense.length);
  if (!fits)
    throw new UserError(
      'graph',
      `sparse tensor ${printable(values?.name ?? '')} has values and places that do not fit [${shape}]`,
    );
  places.data.forEach((place, i) => {
    dense[Number(place)] = survivors.data[i]!;
  });
  return float32Tensor(shape, dense);
}

function tensorOf({ name, dims, dataType, rawData }: onnx.TensorProto): Tensor {
  const dtype = dtypeOf(dataType);
  if (!dtype) throw new UserError('graph', `tensor ${printable(name)} has element type ${dataType}`);
  return tensorFromBytes(dtype, checkedShape(name, dims), rawData);
}

function checkedShape(name: string, dims: readonly bigint[]): number[] {
  const shape = dims.map(Number);
  if (shape.some((extent) => extent < 0) || !(elementCount(shape) <= MAX_ELEMENTS))
    throw new UserError(
      'graph',
      `tensor ${printable(name)} has shape [${shape}], expected at most ${MAX_ELEMENTS} elements`,
    );
  return shape;
}

const sizeOf = (tensor: onnx.TensorProto) => toBinary(onnx.TensorProtoSchema, tensor).length;
