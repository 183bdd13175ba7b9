import { booleanAttribute, typeAttribute } from '../tensorflow/attributes.ts';
import { DataType, type NodeDef } from '../wire/protos.ts';
import { elementCount, type Tensor } from '../wire/tensor.ts';
import type { PartialShape } from './shapes/partial-shape.ts';
import { isKnown } from './shapes/partial-shape.ts';

/** Longest tensor of integers to follow; far longer than any shape. */
export const MOST_INTEGERS = 4096;

const int32 = (shape: readonly number[], values: readonly number[]): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(values),
});

/** The value of a node that reads only the shape of its input, such as Shape or Rank. */
export function shapeValue({ op }: NodeDef, input: PartialShape | undefined): Tensor | undefined {
  if (op === 'Rank') return input && int32([], [input.length]);
  if (!isKnown(input)) return undefined;
  if (op === 'Shape') return int32([input.length], input);
  return op === 'Size' ? int32([], [elementCount(input)]) : undefined;
}

type Combine = (a: number, b: number) => number;
const COMBINATIONS: Readonly<Record<string, Combine>> = {
  FloorDiv: (a, b) => Math.floor(a / b),
  RealDiv: (a, b) => a / b,
  Div: (a, b) => Math.trunc(a / b),
  FloorMod: (a, b) => a - Math.floor(a / b) * b,
  Maximum: Math.max,
  Minimum: Math.min,
  Mul: (a, b) => a * b,
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  Sub: (a, b) => a - b,
};
const ROUNDINGS: Readonly<Record<string, (value: number) => number>> = {
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: Math.round,
  Neg: (value) => -value,
  Cast: (value) => value,
};

/** The value of a node that graphs use to compute with shapes, in addition to the operations that decode weights. */
export function smallValue(node: NodeDef, inputs: readonly Tensor[]): Tensor | undefined {
  const [a, b] = inputs;
  if (!a || inputs.some(({ data }) => data.length > MOST_INTEGERS)) return undefined;
  const [x, y] = [a, b].map((tensor) => (tensor ? Array.from(tensor.data, Number) : []));
  const like = (shape: readonly number[], values: readonly number[]): Tensor =>
    isWhole(node, a) ? int32(shape, values) : { dtype: 'float32', shape, data: Float32Array.from(values) };
  const combine = Object.hasOwn(COMBINATIONS, node.op) ? COMBINATIONS[node.op] : undefined;
  if (combine && b) {
    const [shape, length] = a.data.length >= b.data.length ? [a.shape, x!.length] : [b.shape, y!.length];
    if (![x!, y!].every((values) => values.length === 1 || values.length === length)) return undefined;
    const at = (values: readonly number[], index: number) => values[values.length === 1 ? 0 : index]!;
    return like(
      shape,
      Array.from({ length }, (_, index) => combine(at(x!, index), at(y!, index))),
    );
  }
  const rounding = Object.hasOwn(ROUNDINGS, node.op) ? ROUNDINGS[node.op] : undefined;
  if (rounding) return like(a.shape, x!.map(rounding));
  if (node.op === 'Prod' && a.shape.length === 1) {
    const product = x!.reduce((total, value) => total * value, 1);
    return like(booleanAttribute(node, 'keep_dims') ? [1] : [], [product]);
  }
  if (node.op === 'Range' && inputs.length === 3) return range(x![0]!, y![0]!, Number(inputs[2]!.data[0]));
  if (node.op === 'Fill' && b) {
    const count = elementCount(x!);
    return count <= MOST_INTEGERS && count >= 0 ? like(x!, new Array<number>(count).fill(y![0]!)) : undefined;
  }
  return undefined;
}

function range(start: number, limit: number, delta: number): Tensor | undefined {
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(count <= MOST_INTEGERS)) return undefined;
  return int32(
    [count],
    Array.from({ length: count }, (_, index) => start + index * delta),
  );
}

/** Whether a node gives integers. */
function isWhole(node: NodeDef, { dtype }: Tensor): boolean {
  const type = typeAttribute(node, 'DstT');
  if (node.op === 'Cast' && type !== undefined)
    return type === DataType.DT_INT32 || type === DataType.DT_INT64;
  return !dtype.startsWith('float');
}
