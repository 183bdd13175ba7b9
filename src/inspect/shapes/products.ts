import { booleanAttribute } from '../../tensorflow/attributes.ts';
import { type Call, type Rule, text } from './call.ts';
import { broadcasted, type Extent, type PartialShape } from './partial-shape.ts';

const matrixProduct: Rule = (call) => {
  const [a, b] = [turned(call, 0), turned(call, 1)];
  return a?.length === 2 && b?.length === 2 ? [a[0], b[1]] : undefined;
};

const batchMatrixProduct: Rule = (call) => {
  const [a, b] = [turned(call, 0), turned(call, 1)];
  if (!a || !b || a.length < 2 || b.length < 2) return undefined;
  const outer = broadcasted(a.slice(0, -2), b.slice(0, -2));
  return outer && [...outer, a.at(-2), b.at(-1)];
};

/** Whether an operand is transposed (its last two axes are swapped) before it is multiplied. */
export function isTurned({ node }: Call, operand: 0 | 1): boolean {
  const keys = operand === 0 ? ['transpose_a', 'adj_x'] : ['transpose_b', 'adj_y'];
  return keys.some((key) => booleanAttribute(node, key));
}

function turned(call: Call, operand: 0 | 1): PartialShape | undefined {
  const shape = call.inputs[operand];
  return shape && isTurned(call, operand) ? [...shape.slice(0, -2), shape.at(-1), shape.at(-2)] : shape;
}

/** The extents of an Einsum's labels; undefined for an equation with an ellipsis, and if shapes do not match it. */
export function einsumExtents(equation: string, inputs: readonly (PartialShape | undefined)[]) {
  const match = /^([a-zA-Z,]*)->([a-zA-Z]*)$/.exec(equation.replaceAll(' ', ''));
  if (!match) return undefined;
  const terms = match[1]!.split(',');
  if (terms.length !== inputs.length) return undefined;
  const extents = new Map<string, Extent>();
  for (const [index, term] of terms.entries()) {
    const shape = inputs[index];
    if (shape?.length !== term.length) return undefined;
    for (const [axis, label] of [...term].entries()) extents.set(label, extents.get(label) ?? shape[axis]);
  }
  return { extents, output: match[2]! };
}

const einsum: Rule = ({ node, inputs }) => {
  const found = einsumExtents(text(node, 'equation') ?? '', inputs);
  return found && [...found.output].map((label) => found.extents.get(label));
};

export const PRODUCTS: Readonly<Record<string, Rule>> = {
  MatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  SparseMatMul: matrixProduct,
  BatchMatMul: batchMatrixProduct,
  BatchMatMulV2: batchMatrixProduct,
  BatchMatMulV3: batchMatrixProduct,
  Einsum: einsum,
};
