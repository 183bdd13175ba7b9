import { type NumericTensor, transposedNumbers, withLastAxesSwapped } from '../formats/numeric-tensor.ts';
import { onnxInteger, onnxText } from '../formats/onnx/attributes.ts';
import type { onnx } from '../wire/protos.ts';
import { elementCount } from '../wire/tensor.ts';
import type { Images } from './batch.ts';
import { type ModelWeight, type Runs, runsOfAll, totalUses } from './model.ts';
import type { OnnxConstant } from './onnx-constant.ts';
import { type Extent, product as elementsIn, known, type PartialShape } from './shapes/partial-shape.ts';
import { einsumExtents } from './shapes/products.ts';

/** A node that multiplies by weights. */
export interface OnnxProduct {
  readonly name: string;
  readonly weights: OnnxConstant;
  /** Transposes the weights to [..., inputs, outputs]. */
  readonly arrange: (weights: NumericTensor) => NumericTensor;
  /** How many multiply-adds each weight takes part in for all images; undefined if the shapes are not known. */
  readonly uses: number | undefined;
  readonly runs: Runs | undefined;
}

/** A node's operands and results. */
export interface OnnxOperands {
  readonly node: onnx.NodeProto;
  readonly constants: readonly (OnnxConstant | undefined)[];
  readonly shapes: readonly (PartialShape | undefined)[];
  readonly result: PartialShape | undefined;
}

/** An operand that is a weight, and how often it is used. */
interface Found {
  readonly operand: number;
  readonly arrange: (weights: NumericTensor) => NumericTensor;
  readonly uses: Extent;
}

type Finder = (operands: OnnxOperands) => readonly Found[];

const asIs = (weights: NumericTensor) => weights;

/** Each weight is used once for each pixel of the result or, in transposed convolutions, of the input. */
const convolution =
  (operand: number, arrange: Found['arrange'], isSpread = false): Finder =>
  ({ shapes, result }) => {
    const images = isSpread ? shapes[0] : result;
    return [{ operand, arrange, uses: images && elementsIn(images.toSpliced(1, 1)) }];
  };

/** A product with a weight: exactly one of the two factors is known. */
const matrixProduct =
  (first: number, second: number): Finder =>
  (operands) => {
    const { constants, shapes, result, node } = operands;
    const [knowsFirst, knowsSecond] = [first, second].map((operand) => constants[operand] !== undefined);
    if (knowsFirst === knowsSecond) return [];
    const operand = knowsSecond ? second : first;
    const isTransposed = onnxInteger(node, knowsSecond ? 'transB' : 'transA', 0) === 1;
    const arrange = isTransposed === knowsSecond ? withLastAxesSwapped : asIs;
    const a = shapes[first];
    const inner = onnxInteger(node, 'transA', 0) === 1 ? a?.at(-2) : a?.at(-1);
    return [{ operand, arrange, uses: perWeight(result && [...result, inner], constants[operand]!) }];
  };

const einsum: Finder = ({ node, constants, shapes }) => {
  const operand = constants.findIndex((constant) => constant !== undefined);
  const found = einsumExtents(onnxText(node, 'equation'), shapes);
  if (operand === -1 || constants.every((constant) => constant !== undefined)) return [];
  return [
    { operand, arrange: asIs, uses: found && perWeight([...found.extents.values()], constants[operand]!) },
  ];
};

/** Weights of the input and of the previous state, [directions, outputs, inputs] each, used at every time step. */
const recurrent: Finder = ({ shapes: [x], constants }) =>
  [1, 2]
    .filter((operand) => constants[operand] !== undefined)
    .map((operand) => ({ operand, arrange: withLastAxesSwapped, uses: x && elementsIn(x.slice(0, 2)) }));

function perWeight(extents: PartialShape | undefined, { value }: OnnxConstant): Extent {
  const weights = elementCount(value.shape);
  return weights > 0 ? known([extents && elementsIn(extents)], (all) => all / weights) : undefined;
}

/** From [outputs, inputs, height, width] to [height, width, inputs, outputs]. Tensors with fewer axes are not filters and stay unchanged. */
const filterLast = (filter: NumericTensor) => pixelsFirst(filter, [1, 0]);
/** From [inputs, outputs, height, width] to [height, width, inputs, outputs]. */
const transposedFilterLast = (filter: NumericTensor) => pixelsFirst(filter, [0, 1]);

function pixelsFirst(filter: NumericTensor, channels: readonly number[]): NumericTensor {
  const pixels = [...filter.shape.keys()].slice(2);
  return transposedNumbers(filter, [...pixels, ...channels]) ?? filter;
}

const FINDERS: ReadonlyMap<string, Finder> = new Map(
  Object.entries({
    Conv: convolution(1, filterLast),
    FusedConv: convolution(1, filterLast),
    ConvInteger: convolution(1, filterLast),
    QLinearConv: convolution(3, filterLast),
    ConvTranspose: convolution(1, transposedFilterLast, true),
    Gemm: matrixProduct(0, 1),
    FusedGemm: matrixProduct(0, 1),
    MatMul: matrixProduct(0, 1),
    MatMulInteger: matrixProduct(0, 1),
    QLinearMatMul: matrixProduct(0, 3),
    Einsum: einsum,
    LSTM: recurrent,
    GRU: recurrent,
    RNN: recurrent,
  }),
);

/** All weights that a node multiplies by. */
export function onnxProducts(operands: OnnxOperands, runs: Runs | undefined): OnnxProduct[] {
  const { node, constants } = operands;
  const found = FINDERS.get(node.opType)?.(operands) ?? [];
  return found.flatMap(({ operand, arrange, uses }) => {
    const weights = constants[operand];
    const name = node.name || node.output[0] || '';
    return weights ? [{ name, weights, arrange, uses, runs }] : [];
  });
}

/** The weights that products read, each once, however they are arranged before. */
export function onnxWeights(products: readonly OnnxProduct[], images: Images): ModelWeight[] {
  return [...new Set(products.map(({ weights }) => weights.key))].map((key) => {
    const readers = products.filter(({ weights }) => weights.key === key);
    const { weights, arrange } = readers[0]!;
    return {
      name: weights.name,
      shape: weights.shape,
      effective: arrange(weights.value),
      storedBytes: weights.bytes,
      uses: totalUses(readers.map(({ uses }) => ({ uses: images.each(uses) }))),
      runs: runsOfAll(readers),
    };
  });
}
