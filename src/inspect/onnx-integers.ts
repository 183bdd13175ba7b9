import { onnxInteger } from '../formats/onnx/attributes.ts';
import { elementCount } from '../wire/tensor.ts';
import { MOST_INTEGERS } from './known-integers.ts';
import { listOf, type OnnxCall, type SmallTensor } from './onnx-call.ts';
import { takenAlong } from './shapes/arrangements.ts';
import { isKnown } from './shapes/partial-shape.ts';

type Evaluate = (call: OnnxCall) => SmallTensor | undefined;

const list = (values: readonly number[]): SmallTensor => ({ shape: [values.length], values });

const combination =
  (combine: (a: number, b: number) => number): Evaluate =>
  ({ small }) => {
    const [a, b] = [small(0), small(1)];
    if (!a || !b) return undefined;
    const larger = a.values.length >= b.values.length ? a : b;
    const length = larger.values.length;
    if (![a, b].every(({ values }) => values.length === 1 || values.length === length)) return undefined;
    const at = ({ values }: SmallTensor, index: number) => values[values.length === 1 ? 0 : index]!;
    const values = Array.from({ length }, (_, index) => combine(at(a, index), at(b, index)));
    return { shape: larger.shape, values };
  };

const mapping =
  (map: (value: number) => number): Evaluate =>
  ({ small }) => {
    const a = small(0);
    return a && { shape: a.shape, values: a.values.map(map) };
  };

const same = mapping((value) => value);

const shape: Evaluate = ({ node, inputs: [input] }) => {
  if (!input) return undefined;
  const [start, end] = [onnxInteger(node, 'start', 0), onnxInteger(node, 'end', input.length)];
  const extents = input.slice(start, end);
  return isKnown(extents) ? list(extents) : undefined;
};

const gather: Evaluate = ({ node, small }) => {
  const [a, indices] = [small(0), small(1)];
  if (a?.shape.length !== 1 || !indices || onnxInteger(node, 'axis', 0) !== 0) return undefined;
  const values = indices.values.map((index) => a.values[index < 0 ? index + a.values.length : index]);
  return isKnown(values) ? { shape: indices.shape, values } : undefined;
};

const concat: Evaluate = ({ node, small }) => {
  const parts = node.input.map((_, index) => small(index));
  const known = parts.flatMap((part) => (part?.shape.length === 1 ? [part.values] : []));
  return known.length === parts.length ? list(known.flat()) : undefined;
};

const slice: Evaluate = (call) => {
  const a = call.small(0);
  const [starts, ends] = [listOf(call, 'starts', 1), listOf(call, 'ends', 2)];
  const [step = 1] = listOf(call, 'steps', 4, []) ?? [];
  if (a?.shape.length !== 1 || starts?.length !== 1 || ends?.length !== 1 || step !== 1) return undefined;
  const count = takenAlong(a.values.length, starts[0]!, ends[0]!, 1) ?? 0;
  const first = starts[0]! < 0 ? Math.max(0, starts[0]! + a.values.length) : starts[0]!;
  return list(a.values.slice(first, first + count));
};

const unsqueeze: Evaluate = (call) => {
  const a = call.small(0);
  return a && a.shape.length === 0 ? list(a.values) : undefined;
};

const squeeze: Evaluate = (call) => {
  const a = call.small(0);
  return a && a.values.length === 1 ? { shape: [], values: a.values } : undefined;
};

const reshape: Evaluate = (call) => {
  const [a, target] = [call.small(0), call.small(1)];
  return a && target?.values.length === 1 ? list(a.values) : undefined;
};

const reduceProd: Evaluate = ({ node, small }) => {
  const a = small(0);
  if (a?.shape.length !== 1) return undefined;
  const product = a.values.reduce((total, value) => total * value, 1);
  return onnxInteger(node, 'keepdims', 1) === 1 ? list([product]) : { shape: [], values: [product] };
};

const range: Evaluate = ({ small }) => {
  const [start, limit, delta] = [0, 1, 2].map((input) => small(input)?.values[0]);
  if (start === undefined || limit === undefined || !delta) return undefined;
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return count <= MOST_INTEGERS
    ? list(Array.from({ length: count }, (_, at) => start + at * delta))
    : undefined;
};

const size: Evaluate = ({ inputs: [input] }) =>
  isKnown(input) ? { shape: [], values: [elementCount(input)] } : undefined;

const where: Evaluate = ({ small }) => {
  const [condition, a, b] = [small(0), small(1), small(2)];
  if (!condition || !a || !b) return undefined;
  const at = ({ values }: SmallTensor, index: number) => values[values.length === 1 ? 0 : index];
  const length = Math.max(...[condition, a, b].map(({ values }) => values.length));
  const values = Array.from({ length }, (_, index) => (at(condition, index) ? at(a, index) : at(b, index)));
  return isKnown(values) ? list(values) : undefined;
};

const EVALUATED: ReadonlyMap<string, Evaluate> = new Map(
  Object.entries({
    Shape: shape,
    Size: size,
    Gather: gather,
    Concat: concat,
    Slice: slice,
    Unsqueeze: unsqueeze,
    Squeeze: squeeze,
    Reshape: reshape,
    ReduceProd: reduceProd,
    Range: range,
    Where: where,
    Identity: same,
    Cast: same,
    Floor: mapping(Math.floor),
    Ceil: mapping(Math.ceil),
    Neg: mapping((value) => -value),
    Sqrt: mapping(Math.sqrt),
    Add: combination((a, b) => a + b),
    Sub: combination((a, b) => a - b),
    Mul: combination((a, b) => a * b),
    Div: combination((a, b) => (Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b)),
    Mod: combination((a, b) => a - Math.floor(a / b) * b),
    Equal: combination((a, b) => Number(a === b)),
    Min: combination(Math.min),
    Max: combination(Math.max),
  }),
);

/** The value of a node that graphs use to compute with shapes. */
export function onnxSmallTensor(call: OnnxCall): SmallTensor | undefined {
  const value = EVALUATED.get(call.node.opType)?.(call);
  return value && value.values.length <= MOST_INTEGERS ? value : undefined;
}
