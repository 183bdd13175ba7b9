import { expect, test } from 'vitest';
import { graphDef, node } from '../../src/graph/index.ts';
import { inputNode, nodesByName, parseInput } from '../../src/tensorflow/lookup.ts';

test.each([
  ['conv1/Conv2D', { node: 'conv1/Conv2D', output: 0, control: false }],
  ['save/RestoreV2:12', { node: 'save/RestoreV2', output: 12, control: false }],
  ['^save/SaveV2', { node: 'save/SaveV2', output: 0, control: true }],
])('an input written %s', (input, reference) => {
  expect(parseInput(input)).toEqual(reference);
});

test('two nodes of one name are refused', () => {
  const graph = graphDef([node('a', 'NoOp', []), node('a', 'Const', [])]);
  expect(() => nodesByName(graph)).toThrow('two nodes are named a');
});

test('an input is found by any of its spellings', () => {
  const split = node('split', 'Split', []);
  const nodes = nodesByName(graphDef([split]));
  const consumer = node('sum', 'Add', ['split', 'split:1', '^split']);
  for (const input of consumer.input) expect(inputNode(nodes, consumer, input)).toBe(split);
});

test('an input that is not in the graph is named, and so is its reader', () => {
  const consumer = node('sum', 'Add', ['gone:1']);
  expect(() => inputNode(nodesByName(graphDef([consumer])), consumer, 'gone:1')).toThrow(
    'node sum (Add) reads gone:1, which is not in the graph',
  );
});
