import { create } from '@bufbuild/protobuf';
import { onnx } from '../../wire/protos.ts';
import { elementCount, float32Tensor, type TensorOf } from '../../wire/tensor.ts';
import type { WeightFormat } from '../weight-format.ts';
import { storedValues } from '../weights/index.ts';
import { FLOAT, onnxNode, onnxTensor } from './messages.ts';

export interface OnnxWeights {
  /** The name of the decoded weights in the graph. */
  readonly name: string;
  readonly value: TensorOf<'float32'>;
  /** The axis of the layer's outputs. */
  readonly outputAxis: number;
}

/** The parts of a graph that give a tensor of the weights' name. */
export interface GraphParts {
  readonly initializers?: readonly onnx.TensorProto[];
  readonly sparseInitializers?: readonly onnx.SparseTensorProto[];
  readonly nodes?: readonly onnx.NodeProto[];
}

/** Returns the wanted name, changed if it is taken. */
type FreeName = (wanted: string) => string;

const INDEX_BYTES = 8;
const VALUE_BYTES = 4;

type Store = (weights: OnnxWeights, freeName: FreeName) => GraphParts;

/** A function for each format of weights that ONNX supports. */
const STORES: ReadonlyMap<WeightFormat, Store> = new Map<WeightFormat, Store>([
  ['dense', ({ name, value }) => ({ initializers: [onnxTensor(name, value)] })],
  ['sparse', storeSparse],
  ['float16', storeFloat16],
  ['int8', storeInt8],
]);

export const ONNX_WEIGHT_FORMATS: readonly WeightFormat[] = [...STORES.keys()];

/**
 * @param format one of `ONNX_WEIGHT_FORMATS`
 * @throws UserError `argument` on a weight that the format cannot hold
 */
export function storeWeights(weights: OnnxWeights, format: WeightFormat, freeName: FreeName): GraphParts {
  return STORES.get(format)!(weights, freeName);
}

/** Stores the values that are not zero, each with its row-major index; or all values if that takes no more bytes. */
function storeSparse({ name, value }: OnnxWeights): GraphParts {
  const places = [...value.data.keys()].filter((index) => value.data[index] !== 0);
  if (places.length * (INDEX_BYTES + VALUE_BYTES) >= elementCount(value.shape) * VALUE_BYTES)
    return { initializers: [onnxTensor(name, value)] };
  const survivors = Float32Array.from(places, (index) => value.data[index]!);
  const indices = BigInt64Array.from(places, BigInt);
  const sparse = create(onnx.SparseTensorProtoSchema, {
    values: onnxTensor(name, float32Tensor([survivors.length], survivors)),
    indices: onnxTensor('', { dtype: 'int64', shape: [indices.length], data: indices }),
    dims: value.shape.map(BigInt),
  });
  return { sparseInitializers: [sparse] };
}

function storeFloat16(weights: OnnxWeights, freeName: FreeName): GraphParts {
  const { values } = storedValues({ ...weights, outputAxes: [weights.outputAxis] }, 'float16');
  const half = freeName(`${weights.name}/float16`);
  return {
    initializers: [onnxTensor(half, values)],
    nodes: [onnxNode('Cast', [half], weights.name, { to: FLOAT })],
  };
}

function storeInt8(weights: OnnxWeights, freeName: FreeName): GraphParts {
  const { values, scale } = storedValues({ ...weights, outputAxes: [weights.outputAxis] }, 'int8');
  const scales = scale!.data;
  const [multiples, factors] = [freeName(`${weights.name}/int8`), freeName(`${weights.name}/scale`)];
  return {
    initializers: [
      onnxTensor(multiples, values),
      onnxTensor(factors, float32Tensor([scales.length], scales)),
    ],
    nodes: [
      onnxNode('DequantizeLinear', [multiples, factors], weights.name, {
        axis: weights.outputAxis,
      }),
    ],
  };
}
