import type { onnx } from '../wire/protos.ts';
import type { ModelWeight } from './model.ts';
import { totalUses } from './model.ts';
import { type NumericTensor, transposedMatrix, transposedNumbers } from './numeric-tensor.ts';
import { onnxInteger } from './onnx-attributes.ts';
import type { OnnxConstant } from './onnx-constants.ts';
import type { OnnxShape } from './onnx-shapes.ts';

/** A node that multiplies by weights. */
export interface OnnxProduct {
  readonly name: string;
  readonly weights: string;
  /** Brings the axis of outputs to the end and that of inputs before it. */
  readonly arrange: (weights: NumericTensor) => NumericTensor;
  /** How often each weight takes part in one image; undefined where the shapes are not known. */
  readonly uses: number | undefined;
}

type ShapeOf = (name: string) => OnnxShape | undefined;

/** @returns undefined for a node that does not multiply by constants */
export function onnxProduct(
  node: onnx.NodeProto,
  constants: ReadonlyMap<string, OnnxConstant>,
  shapeOf: ShapeOf,
): OnnxProduct | undefined {
  const [a = '', b = ''] = node.input;
  const name = node.name || node.output[0] || '';
  const isWeights = (input: string) => constants.has(input);
  if (isWeights(a) === isWeights(b)) return undefined;
  if (node.opType === 'Conv')
    return isWeights(b)
      ? { name, weights: b, arrange: filterLast, uses: positions(shapeOf(node.output[0]!)) }
      : undefined;
  if (node.opType !== 'Gemm' && node.opType !== 'MatMul') return undefined;
  const [weights, input] = isWeights(b) ? [b, a] : [a, b];
  const isTransposed = onnxInteger(node, isWeights(b) ? 'transB' : 'transA', 0) === 1;
  const outputsFirst = isTransposed === isWeights(b);
  return {
    name,
    weights,
    arrange: (tensor) => (outputsFirst ? transposedMatrix(tensor) : tensor),
    uses: rows(shapeOf(input)),
  };
}

/** The weights that products read, each once. */
export function onnxWeights(
  products: readonly OnnxProduct[],
  constants: ReadonlyMap<string, OnnxConstant>,
): ModelWeight[] {
  return [...new Set(products.map(({ weights }) => weights))].map((name) => {
    const readers = products.filter(({ weights }) => weights === name);
    const { value, bytes } = constants.get(name)!;
    return {
      name,
      shape: value.shape,
      effective: readers[0]!.arrange(value),
      storedBytes: bytes,
      uses: totalUses(readers),
    };
  });
}

/** From [outputs, inputs, height, width] to [height, width, inputs, outputs]; what has no inputs is no filter and left as it is. */
function filterLast(filter: NumericTensor): NumericTensor {
  const pixels = [...filter.shape.keys()].slice(2);
  return transposedNumbers(filter, [...pixels, 1, 0]) ?? filter;
}

/** Of the pixels that come out of one image. */
function positions(result: OnnxShape | undefined): number | undefined {
  const extents = result?.slice(2) ?? [undefined];
  const known = extents.flatMap((extent) => extent ?? []);
  return known.length === extents.length ? known.reduce((product, extent) => product * extent, 1) : undefined;
}

/** Between the number of images and the last axis; a matrix, or what is not known, has one row for each image. */
function rows(input: OnnxShape | undefined): number | undefined {
  const between = input?.slice(1, -1) ?? [];
  const known = between.flatMap((extent) => extent ?? []);
  return known.length === between.length ? known.reduce((product, extent) => product * extent, 1) : undefined;
}
