import { isSet, nodesByName, tensorInputs } from '../graph/index.ts';
import type { Shape } from '../runtime/shapes.ts';
import type { GraphDef, NodeDef } from '../wire/protos.ts';
import { firstOutput, origin } from './graph-inputs.ts';
import type { KnownValues } from './known-values.ts';

/** A node that multiplies by weights. */
export interface Product {
  readonly node: NodeDef;
  /** The node that gives the weights, before anything that passes them on. */
  readonly weights: NodeDef;
  /** Whether the weights are a matrix with the outputs first. */
  readonly transposed: boolean;
  /** How often each weight takes part in one image; undefined where the shapes are not known. */
  readonly uses: number | undefined;
}

const CONVOLUTION = /^(_?Fused)?(Conv2D|DepthwiseConv2dNative)$/;
const MATRIX_PRODUCT = /^(_Fused)?MatMul$/;
/** The scope in which tf.gradients builds what is computed backwards, which is no part of a prediction. */
const BACKWARDS = /(^|\/)gradients(_\d+)?\//;

/** All nodes that multiply by constants or variables on the way forward. */
export function products(graph: GraphDef, known: KnownValues): Product[] {
  const nodes = nodesByName(graph);
  const batch = batchOf(known);
  return known.order.flatMap((node) => {
    if (BACKWARDS.test(node.name)) return [];
    const isConvolution = CONVOLUTION.test(node.op);
    if (!isConvolution && !MATRIX_PRODUCT.test(node.op)) return [];
    const operands = operandsOf(node, known);
    if (!operands) return [];
    const { input, weights, transposed } = operands;
    const uses = isConvolution
      ? positions(known.shapes.get(node.name))
      : rowsPerImage(firstOutput(known.shapes, input), batch);
    return [{ node, weights: origin(nodes, weights), transposed, uses }];
  });
}

/** What comes in, and the weights, which are the second operand unless only the first of a matrix product is known. */
function operandsOf(node: NodeDef, { constants }: KnownValues) {
  const [a, b] = tensorInputs(node);
  const [knowsA, knowsB] = [a, b].map((input) => firstOutput(constants, input) !== undefined);
  if (a === undefined || b === undefined || knowsA === knowsB) return undefined;
  if (knowsB) return { input: a, weights: b, transposed: isSet(node, 'transpose_b') };
  return CONVOLUTION.test(node.op)
    ? undefined
    : { input: b, weights: a, transposed: !isSet(node, 'transpose_a') };
}

function positions(result: Shape | undefined): number | undefined {
  return result?.length === 4 ? result[1]! * result[2]! : undefined;
}

/** A matrix that is not known, or has as many rows as there may be images, has one row for each. */
function rowsPerImage(input: Shape | undefined, batch: number | undefined): number | undefined {
  const rows = input?.length === 2 ? input[0]! : -1;
  const perImage = rows === -1 || batch === undefined || batch === -1 ? 1 : rows / batch;
  return Number.isInteger(perImage) ? perImage : 1;
}

function batchOf({ order, shapes }: KnownValues): number | undefined {
  const images = order.find(({ op, name }) => op === 'Placeholder' && shapes.get(name)?.length === 4);
  return images && shapes.get(images.name)![0];
}
