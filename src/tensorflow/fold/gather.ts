import { elementCount, type Tensor } from '../../wire/tensor.ts';
import { integerAttribute } from '../attributes.ts';
import { nodeError } from '../node-error.ts';
import { axisOf, expectType, type Fold, type Folding, type Values } from './fold.ts';

/** GatherV2: takes the slices with the given indices along an axis. */
export const gather: Fold = { inputs: 3, fold: gatherSlices };

function gatherSlices({ node, inputs, zeros }: Folding): Tensor {
  const [params, indices, axisTensor] = [inputs[0]!, inputs[1]!, inputs[2]!];
  expectType(node, 'Tparams', params);
  expectType(node, 'Tindices', indices);
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64')
    throw nodeError(node, `has indices of ${indices.dtype}, expected int32 or int64`);
  if (integerAttribute(node, 'batch_dims', 0) !== 0) throw nodeError(node, 'has batch_dims, expected none');
  const axis = axisOf(node, axisTensor, params.shape.length);
  const [before, after] = [params.shape.slice(0, axis), params.shape.slice(axis + 1)];
  const [extent, size] = [params.shape[axis]!, elementCount(after)];
  const chosen = indices.dtype === 'int32' ? indices.data : Float64Array.from(indices.data, Number);
  const beyond = chosen.findIndex((index) => !(index >= 0 && index < extent));
  if (beyond >= 0) throw nodeError(node, `reads index ${chosen[beyond]} of ${extent} along axis ${axis}`);
  const result = zeros(params.dtype, [...before, ...indices.shape, ...after]);
  const [source, target] = [params.data as Values, result.data as Values];
  const outer = elementCount(before);
  for (let block = 0; block < outer; block++) {
    const [from, to] = [block * extent, block * chosen.length];
    for (let i = 0; i < chosen.length; i++) {
      if (size === 1) target[to + i] = source[from + chosen[i]!]!;
      else copySlice(source, (from + chosen[i]!) * size, target, (to + i) * size, size);
    }
  }
  return result;
}

function copySlice(source: Values, from: number, target: Values, to: number, size: number): void {
  for (let offset = 0; offset < size; offset++) target[to + offset] = source[from + offset]!;
}
