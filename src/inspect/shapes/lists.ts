import type { Call, Rule } from './call.ts';
import { fromDeclared, merged, type PartialShape } from './partial-shape.ts';

/** A handle of a list of tensors has the shape that the tensors have together, the list's length first. */

const reserved: Rule = (call) => {
  const elements = elementsOf(call, 0);
  const count = call.integers(1)?.[0];
  return elements && [count, ...elements];
};

const withItem: Rule = ({ inputs: [list, , item] }) => merged(list, item && [undefined, ...item]);

const item: Rule = (call) => merged(call.inputs[0]?.slice(1), elementsOf(call, 2));

const together: Rule = (call) => {
  const elements = elementsOf(call, 1);
  return merged(call.inputs[0], elements && [undefined, ...elements]);
};

/** A shape that is an input; -1 alone is any. */
function elementsOf({ inputs, integers }: Call, input: number): PartialShape | undefined {
  const shape = integers(input);
  return shape && inputs[input]?.length === 1 ? fromDeclared(shape) : undefined;
}

export const LISTS: Readonly<Record<string, Rule>> = {
  TensorListReserve: reserved,
  TensorListFromTensor: ({ inputs }) => inputs[0],
  TensorListSetItem: withItem,
  TensorListGetItem: item,
  TensorListStack: together,
};
