import { describe, expect, test } from 'vitest';
import { graphDef, node } from '../../src/graph/index.ts';
import { nodesByName } from '../../src/tensorflow/lookup.ts';
import { allInOrder, inOrder } from '../../src/tensorflow/order.ts';
import type { NodeDef } from '../../src/wire/protos.ts';

const names = (nodes: readonly NodeDef[]) => nodes.map(({ name }) => name);

const LOOP = graphDef([
  node('exit', 'Exit', ['merge']),
  node('merge', 'Merge', ['start', 'next']),
  node('next', 'NextIteration', ['merge']),
  node('start', 'Enter', ['^unread']),
  node('unread', 'NoOp', []),
]);
const CIRCLE = graphDef([node('a', 'Relu', ['b']), node('b', 'Relu', ['c']), node('c', 'Relu', ['b'])]);

describe('what an output is computed from', () => {
  test('comes after what it reads, without control inputs and what a loop hands back', () => {
    expect(names(inOrder(nodesByName(LOOP), ['exit']))).toEqual(['start', 'merge', 'exit']);
  });

  test('may not be a circle, of which the members are named', () => {
    expect(() => inOrder(nodesByName(CIRCLE), ['a'])).toThrow('nodes read each other in a circle: b, c');
  });
});

describe('all nodes', () => {
  test('come after what they read as far as a loop allows', () => {
    expect(names(allInOrder(LOOP))).toEqual(['start', 'next', 'merge', 'exit', 'unread']);
    expect(names(allInOrder(CIRCLE))).toEqual(['c', 'b', 'a']);
  });

  test('come even where an input is missing', () => {
    expect(
      names(allInOrder(graphDef([node('sum', 'Add', ['gone', 'one']), node('one', 'Const', [])]))),
    ).toEqual(['one', 'sum']);
  });
});
