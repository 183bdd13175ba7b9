import type { Dtype, Tensor } from '../../wire/tensor.ts';
import { nodeError } from '../node-error.ts';
import { broadcast, describeShape } from '../shapes.ts';
import { eachBroadcastRow } from './broadcasting.ts';
import { expectType, type Fold, type Folding, type Values } from './fold.ts';
import { readable } from './halves.ts';

/** A comparison of two values. For int64 they are bigints, which compare like numbers. */
type Relation = (a: number, b: number) => boolean;

const LOGICAL: readonly Dtype[] = ['bool'];
const ORDERED: readonly Dtype[] = [
  'uint8',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'float32',
  'float64',
];

const relation = (dtypes: readonly Dtype[], holds: Relation): Fold => ({
  inputs: 2,
  fold: (folding) => compare(folding, dtypes, holds),
});

export const equal = relation([...LOGICAL, ...ORDERED], (a, b) => a === b);
export const notEqual = relation([...LOGICAL, ...ORDERED], (a, b) => a !== b);
export const greater = relation(ORDERED, (a, b) => a > b);
export const greaterEqual = relation(ORDERED, (a, b) => a >= b);
export const less = relation(ORDERED, (a, b) => a < b);
export const lessEqual = relation(ORDERED, (a, b) => a <= b);
export const logicalAnd = relation(LOGICAL, (a, b) => a !== 0 && b !== 0);
export const logicalOr = relation(LOGICAL, (a, b) => a !== 0 || b !== 0);

export const logicalNot: Fold = {
  inputs: 1,
  fold: ({ node, inputs, zeros }) => {
    const tensor = inputs[0]!;
    if (tensor.dtype !== 'bool') throw nodeError(node, `negates ${tensor.dtype}, expected bool`);
    const result = zeros('bool', tensor.shape);
    for (let i = 0; i < result.data.length; i++) result.data[i] = tensor.data[i] === 0 ? 1 : 0;
    return result;
  },
};

function compare(folding: Folding, dtypes: readonly Dtype[], holds: Relation): Tensor {
  const { node, inputs, zeros } = folding;
  const { dtype } = inputs[0]!;
  expectType(node, 'T', inputs[0]!);
  if (inputs[1]!.dtype !== dtype || !dtypes.includes(dtype))
    throw nodeError(node, `compares ${dtype} with ${inputs[1]!.dtype}, expected two of ${dtypes.join(', ')}`);
  const [a, b] = [readable(folding, inputs[0]!), readable(folding, inputs[1]!)];
  const shape = broadcast(a.shape, b.shape);
  if (!shape) throw nodeError(node, `compares ${describeShape(a.shape)} with ${describeShape(b.shape)}`);
  const result = zeros('bool', shape);
  const [first, second] = [a.data as Values, b.data as Values];
  eachBroadcastRow(shape, [a.shape, b.shape], (offsets, steps, start, length) => {
    const [x, y, stepX, stepY] = [offsets[0]!, offsets[1]!, steps[0]!, steps[1]!];
    for (let i = 0; i < length; i++)
      result.data[start + i] = holds(first[x + i * stepX]!, second[y + i * stepY]!) ? 1 : 0;
  });
  return result;
}
