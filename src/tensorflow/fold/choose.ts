import type { Tensor } from '../../wire/tensor.ts';
import { nodeError } from '../node-error.ts';
import { broadcast, describeShape } from '../shapes.ts';
import { eachBroadcastRow } from './broadcasting.ts';
import { expectType, type Fold, type Folding, type Values } from './fold.ts';

/** SelectV2: takes each value from the first or the second tensor, as a condition says. All three broadcast. */
export const selectV2: Fold = { inputs: 3, fold: (folding) => choose(folding, folding.inputs[0]!.shape) };

/** Select: the same for two tensors of one shape. The condition has their shape, or it is a scalar or a vector that chooses whole rows. */
export const select: Fold = {
  inputs: 3,
  fold: (folding) => {
    const [condition, whole] = [folding.inputs[0]!.shape, folding.inputs[1]!.shape];
    const isAlike = folding.inputs[2]!.shape.join() === whole.join();
    const isOfRows = condition.length === 0 || (condition.length === 1 && condition[0] === whole[0]);
    if (!isAlike || !(isOfRows || condition.join() === whole.join())) throw doNotFit(folding);
    return choose(folding, [...condition, ...new Array(whole.length - condition.length).fill(1)]);
  },
};

/** @param conditionShape the shape as which the condition is broadcast */
function choose(folding: Folding, conditionShape: readonly number[]): Tensor {
  const { node, inputs, zeros } = folding;
  const [condition, a, b] = [inputs[0]!, inputs[1]!, inputs[2]!];
  expectType(node, 'T', a);
  if (condition.dtype !== 'bool' || a.dtype !== b.dtype)
    throw nodeError(
      node,
      `chooses by ${condition.dtype} between ${a.dtype} and ${b.dtype}, expected by bool between two of one type`,
    );
  const pair = broadcast(a.shape, b.shape);
  const shape = pair && broadcast(conditionShape, pair);
  if (!shape) throw doNotFit(folding);
  const result = zeros(a.dtype, shape);
  const [values, first, second] = [result.data as Values, a.data as Values, b.data as Values];
  eachBroadcastRow(shape, [conditionShape, a.shape, b.shape], (offsets, steps, start, length) => {
    const [c, x, y] = [offsets[0]!, offsets[1]!, offsets[2]!];
    const [stepC, stepX, stepY] = [steps[0]!, steps[1]!, steps[2]!];
    for (let i = 0; i < length; i++)
      values[start + i] =
        condition.data[c + i * stepC] === 0 ? second[y + i * stepY]! : first[x + i * stepX]!;
  });
  return result;
}

function doNotFit({ node, inputs }: Folding) {
  const [condition, a, b] = inputs.map(({ shape }) => describeShape(shape));
  return nodeError(node, `chooses by ${condition} between ${a} and ${b}`);
}
