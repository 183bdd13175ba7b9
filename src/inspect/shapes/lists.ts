import type { Call, Rule } from './call.ts';
import { fromDeclared, merged, type PartialShape } from './partial-shape.ts';

// For the handle of a list of tensors, the shape is [length, ...shape of the tensors].

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

/** The shape that an input gives; undefined for a scalar -1, which means any shape. */
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
