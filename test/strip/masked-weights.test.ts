import { expect, it } from 'vitest';
import { node } from '../../src/graph/index.ts';
import { findMaskedWeights, listedMaskedWeights } from '../../src/strip/masked-weights.ts';
import { metaGraphOf } from './graphs.ts';

const nodes = [
  'a/weights/masked_weight',
  'a/weights/masked_weight_1',
  'a/weights/masked_weight/ReadVariableOp',
  'unmasked_weight',
  'masked_weight',
  'b/pruned',
].map((name) => node(name, 'Mul', []));

const found = (collection?: string[]) => {
  const metaGraph = metaGraphOf(nodes, collection);
  return findMaskedWeights(metaGraph.graphDef!, listedMaskedWeights(metaGraph));
};
const named = ['a/weights/masked_weight', 'a/weights/masked_weight_1', 'masked_weight'];

it('takes the word of the collection first, then goes by name', () => {
  expect(found(['b/pruned:0', 'masked_weight:0'])).toEqual([
    'b/pruned',
    'masked_weight',
    'a/weights/masked_weight',
    'a/weights/masked_weight_1',
  ]);
});

it.each([undefined, [], ['gone:0']])('goes by name with the collection %j', (collection) => {
  expect(found(collection)).toEqual(named);
});
