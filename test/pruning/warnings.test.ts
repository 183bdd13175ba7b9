import { describe, expect, it } from 'vitest';
import { parseHparams, pruningWarnings } from '../../src/pruning/index.ts';

const names = ['conv1/weights', 'local3/weights'];

describe('warnings before training', () => {
  it.each([
    ['the defaults', '', 100, []],
    [
      'the example of the documentation',
      'initial_sparsity=0.3,target_sparsity=0.9,sparsity_function_begin_step=10,sparsity_function_end_step=150',
      200,
      [],
    ],
    [
      'pruning that begins after the last step',
      'begin_pruning_step=201',
      200,
      [
        'nothing is ever pruned: masks could first change after step 201 (begin_pruning_step is 201, pruning_frequency 10), ' +
          'but training ends at step 200',
      ],
    ],
    [
      'a frequency beyond the last step',
      'pruning_frequency=300',
      200,
      [
        'nothing is ever pruned: masks could first change after step 300 (begin_pruning_step is 0, pruning_frequency 300), ' +
          'but training ends at step 200',
      ],
    ],
    [
      'pruning that ends before the first update',
      'begin_pruning_step=3,end_pruning_step=9',
      200,
      [
        'nothing is ever pruned: masks could first change after step 10 (begin_pruning_step is 3, pruning_frequency 10), ' +
          'but end_pruning_step is 9',
      ],
    ],
    [
      'pruning that ends before the first update, which training would reach',
      'begin_pruning_step=3,end_pruning_step=9',
      10,
      [
        'nothing is ever pruned: masks could first change after step 10 (begin_pruning_step is 3, pruning_frequency 10), ' +
          'but end_pruning_step is 9',
      ],
    ],
    [
      'pruning that ends at the first update',
      'begin_pruning_step=3,end_pruning_step=100,pruning_frequency=100',
      200,
      [],
    ],
    [
      'a schedule cut short by the end of training',
      'sparsity_function_exponent=1',
      55,
      [
        'sparsity stops at 0.2500, target_sparsity is 0.5: masks change for the last time after step 50, ' +
          'sparsity_function_end_step is 100',
      ],
    ],
    [
      'a schedule cut short by the end of pruning',
      'sparsity_function_exponent=1,end_pruning_step=80',
      1000,
      [
        'sparsity stops at 0.4000, target_sparsity is 0.5: masks change for the last time after step 80, ' +
          'sparsity_function_end_step is 100',
      ],
    ],
    [
      'map entries that match',
      'weight_sparsity_map=[c..v1:0.5],block_dims_map=[local:1x2],do_not_prune=[conv]',
      100,
      [],
    ],
    [
      'map entries that match nothing',
      'weight_sparsity_map=[conv1:0.5,^weights:0.5],block_dims_map=[local4:1x2],do_not_prune=[conv.]',
      100,
      [
        'weight_sparsity_map: ^weights:0.5 matches none of conv1/weights, local3/weights',
        'block_dims_map: local4:1x2 matches none of conv1/weights, local3/weights',
        'do_not_prune: conv. matches none of conv1/weights, local3/weights',
      ],
    ],
    [
      'a list that keeps all weights',
      'do_not_prune=[conv1,local]',
      100,
      ['do_not_prune keeps every weight whole'],
    ],
  ])('%s', (_, hparams, maxSteps, warnings) => {
    expect(pruningWarnings(parseHparams(hparams), maxSteps, names)).toEqual(warnings);
  });

  it('are none for a network without weights', () => {
    expect(pruningWarnings(parseHparams(''), 100, [])).toEqual([]);
  });
});
