import { tensorInputs } from '../tensorflow/lookup.ts';
import type { NodeDef } from '../wire/protos.ts';
import { imagesOf } from './batch.ts';
import { outputOf } from './graph-inputs.ts';
import type { KnownValues } from './known-values.ts';
import type { Runs } from './model.ts';
import { text } from './shapes/call.ts';
import { imageAxes } from './shapes/convolution.ts';
import { product as elementsIn, type PartialShape } from './shapes/partial-shape.ts';
import { einsumExtents, isTurned } from './shapes/products.ts';

/** A node that multiplies by weights. */
export interface Product {
  readonly node: NodeDef;
  /** The node that gives the weights, before nodes that pass them on. */
  readonly weights: NodeDef;
  /** Whether the last two axes of the weights are [outputs, inputs], not [inputs, outputs]. */
  readonly outputsFirst: boolean;
  /** How many multiply-adds each weight takes part in for one image, on average; undefined if the shapes are not known. */
  readonly uses: number | undefined;
  readonly runs: Runs | undefined;
}

/** What is known of a node's operands and its result. */
interface Operands {
  readonly node: NodeDef;
  readonly shapes: readonly (PartialShape | undefined)[];
  readonly result: PartialShape | undefined;
}

/** How an operation multiplies by weights. */
interface Multiplying {
  /** Indices of operands that may be weights. */
  readonly operands: readonly number[];
  /** Whether all these operands are weights, each on its own; otherwise exactly one of them is. */
  readonly all?: boolean;
  outputsFirst?(node: NodeDef, operand: number): boolean;
  /** How many multiply-adds each weight takes part in for all images. */
  uses(operands: Operands, operand: number): number | undefined;
}

const convolution: Multiplying = {
  operands: [1],
  uses: ({ node, result }) => positions(node, result),
};

const transposedConvolution: Multiplying = {
  operands: [1],
  outputsFirst: () => true,
  uses: ({ node, shapes }) => positions(node, shapes[2]),
};

const matrixProduct: Multiplying = {
  operands: [0, 1],
  outputsFirst: (node, operand) =>
    (operand === 1) === isTurned({ node, inputs: [], integers: () => undefined }, operand as 0 | 1),
  uses: ({ node, shapes, result }, operand) => {
    const a = shapes[0];
    const inner = isTurned({ node, inputs: [], integers: () => undefined }, 0) ? a?.at(-2) : a?.at(-1);
    return perWeight(result && [...result, inner], shapes[operand]);
  },
};

const einsum: Multiplying = {
  operands: [0, 1],
  uses: ({ node, shapes }, operand) => {
    const found = einsumExtents(text(node, 'equation') ?? '', shapes);
    return found && perWeight([...found.extents.values()], shapes[operand]);
  },
};

/** Recurrent cells; `block` runs one over all time steps. */
const cell = (...operands: readonly number[]): Multiplying => ({
  operands,
  all: true,
  uses: ({ shapes }) => shapes[0]?.[0],
});
const block: Multiplying = {
  operands: [4],
  all: true,
  uses: ({ shapes }) => shapes[1] && elementsIn(shapes[1].slice(0, -1)),
};

const MULTIPLYING: ReadonlyMap<string, Multiplying> = new Map([
  ...['Conv2D', '_FusedConv2D', 'FusedConv2D', 'Conv3D', 'DepthwiseConv2dNative'].map(
    (op) => [op, convolution] as const,
  ),
  ...['_FusedDepthwiseConv2dNative', 'FusedDepthwiseConv2dNative'].map((op) => [op, convolution] as const),
  ...['Conv2DBackpropInput', 'Conv3DBackpropInputV2'].map((op) => [op, transposedConvolution] as const),
  ...['MatMul', '_FusedMatMul', 'SparseMatMul', 'BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3'].map(
    (op) => [op, matrixProduct] as const,
  ),
  ['Einsum', einsum],
  ['LSTMBlockCell', cell(3)],
  ['GRUBlockCell', cell(2, 3)],
  ['BlockLSTM', block],
  ['BlockLSTMV2', block],
]);

/** Name scopes of gradients, which do not belong to a prediction. */
const BACKWARDS = /(^|\/)(gradients(_\d+)?|gradient_tape)\//;

/**
 * All nodes of the forward pass that multiply by constants or variables.
 *
 * @param origin gives the node from which an input comes
 */
export function products(known: KnownValues, origin: (input: string) => NodeDef): Product[] {
  const images = imagesOf(known);
  return known.order.flatMap((node): Product[] => {
    const multiplying = MULTIPLYING.get(node.op);
    if (!multiplying || BACKWARDS.test(node.name)) return [];
    const inputs = tensorInputs(node);
    const operands = {
      node,
      shapes: inputs.map((input) => outputOf(known.shapes, input)),
      result: known.shapes.get(node.name),
    };
    return weightsAmong(inputs, multiplying, known).map((operand) => ({
      node,
      weights: origin(inputs[operand]!),
      outputsFirst: multiplying.outputsFirst?.(node, operand) ?? false,
      uses: images.each(multiplying.uses(operands, operand)),
      runs: known.runsOf(node),
    }));
  });
}

/** The operands that are weights. If two may be weights, exactly one must be known. */
function weightsAmong(
  inputs: readonly string[],
  { operands, all }: Multiplying,
  { constants }: KnownValues,
): number[] {
  const knownOnes = operands.filter((operand) => outputOf(constants, inputs[operand]) !== undefined);
  if (all || operands.length === 1) return knownOnes;
  return inputs.length >= operands.length && knownOnes.length < operands.length ? knownOnes.slice(-1) : [];
}

function positions(node: NodeDef, images: PartialShape | undefined): number | undefined {
  if (!images || images.length < 3) return undefined;
  return elementsIn(images.toSpliced(imageAxes(node, images.length).channels, 1));
}

function perWeight(extents: PartialShape | undefined, weights: PartialShape | undefined): number | undefined {
  const [all, each] = [extents && elementsIn(extents), weights && elementsIn(weights)];
  return all !== undefined && each ? all / each : undefined;
}
