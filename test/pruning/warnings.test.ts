import { describe, expect, it } from 'vitest';
import { createPruning, type NamedWeight, parseHparams, pruningWarnings } from '../../src/pruning/index.ts';

const weights = [
  { name: 'conv1/weights', shape: [5, 5, 3, 64] },
  { name: 'local3/weights', shape: [2304, 384] },
];
const local4 = { name: 'local4/weights', shape: [384, 192] };

describe('warnings before training', () => {
  it.each<[string, string, number, string[], NamedWeight[]?]>([
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
      'weight_sparsity_map=[l.c.l:0.5],block_dims_map=[local:1x2],do_not_prune=[conv]',
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
    [
      'blocks for a kernel of rank 4',
      'block_dims_map=[conv1:4x4,local3:4x4]',
      100,
      [
        'block_dims_map: conv1:4x4 does nothing to conv1/weights, whose shape [5, 5, 3, 64] is no matrix: its weights are pruned one by one',
      ],
    ],
    [
      'blocks for all weights',
      'block_width=4',
      100,
      [
        'block_height=1, block_width=4 do nothing to conv1/weights, whose shape [5, 5, 3, 64] is no matrix: its weights are pruned one by one',
      ],
    ],
    [
      'blocks that are pooled by their largest',
      'block_width=4,do_not_prune=[conv1],block_pooling_function=MAX',
      100,
      [],
    ],
    [
      'a way to pool blocks where there are none',
      'block_pooling_function=MAX',
      100,
      ['block_pooling_function=MAX does nothing: no weight is pruned by blocks'],
    ],
    [
      'map entries for weights that are kept whole',
      'do_not_prune=[conv1],weight_sparsity_map=[conv1:0.8],block_dims_map=[conv:2x2]',
      100,
      [
        'weight_sparsity_map: conv1:0.8 does nothing, since do_not_prune keeps conv1/weights whole',
        'block_dims_map: conv:2x2 does nothing, since do_not_prune keeps conv1/weights whole',
      ],
    ],
    [
      "a weight's own target that is never reached",
      'sparsity_function_exponent=1,initial_sparsity=0.5,weight_sparsity_map=[local3:0.9]',
      55,
      [
        'sparsity of local3/weights stops at 0.7000, its target in weight_sparsity_map, local3:0.9, is 0.9: ' +
          'masks change for the last time after step 50, sparsity_function_end_step is 100',
      ],
    ],
    [
      'targets of several weights, of which one has none of its own',
      'sparsity_function_exponent=1,weight_sparsity_map=[conv1:0.9,conv2|local3:0.8,none:0.7]',
      55,
      [
        'sparsity stops at 0.2500, target_sparsity is 0.5: masks change for the last time after step 50, ' +
          'sparsity_function_end_step is 100',
        'sparsity of conv1/weights stops at 0.4500, its target in weight_sparsity_map, conv1:0.9, is 0.9: ' +
          'masks change for the last time after step 50, sparsity_function_end_step is 100',
        'sparsity of conv2/weights, local3/weights stops at 0.4000, its target in weight_sparsity_map, conv2|local3:0.8, is 0.8: ' +
          'masks change for the last time after step 50, sparsity_function_end_step is 100',
        'weight_sparsity_map: none:0.7 matches none of conv1/weights, conv2/weights, local3/weights, local4/weights',
      ],
      [...weights.slice(0, 1), { name: 'conv2/weights', shape: [5, 5, 64, 64] }, ...weights.slice(1), local4],
    ],
    [
      'a target that stops short of a weight that is kept whole',
      'sparsity_function_exponent=1,do_not_prune=[conv1],weight_sparsity_map=[weights:0.9]',
      55,
      [
        'sparsity of local3/weights stops at 0.4500, its target in weight_sparsity_map, weights:0.9, is 0.9: ' +
          'masks change for the last time after step 50, sparsity_function_end_step is 100',
      ],
    ],
    [
      'a target that stops short, of no weight',
      'sparsity_function_exponent=1,do_not_prune=[conv1,local3],weight_sparsity_map=[weights:0.9]',
      55,
      [
        'sparsity stops at 0.2500, target_sparsity is 0.5: masks change for the last time after step 50, ' +
          'sparsity_function_end_step is 100',
        'weight_sparsity_map: weights:0.9 does nothing, since do_not_prune keeps conv1/weights, local3/weights whole',
        'do_not_prune keeps every weight whole',
      ],
    ],
    [
      'blocks of one column for a kernel of rank 4, pooled by their largest elsewhere',
      'block_dims_map=[conv1:4x1,local3:4x1],block_pooling_function=MAX',
      100,
      [
        'block_dims_map: conv1:4x1 does nothing to conv1/weights, whose shape [5, 5, 3, 64] is no matrix: its weights are pruned one by one',
      ],
    ],
    ['a common target that no weight has', 'sparsity_function_exponent=1,weight_sparsity_map=[.*:0]', 55, []],
  ])('%s', (_, hparams, maxSteps, warnings, given = weights) => {
    expect(pruningWarnings(parseHparams(hparams), maxSteps, given)).toEqual(warnings);
    expect(createPruning(hparams, given).warnings(maxSteps)).toEqual(warnings);
  });

  it('are none for a network without weights', () => {
    expect(pruningWarnings(parseHparams('block_pooling_function=MAX'), 100, [])).toEqual([]);
  });
});
