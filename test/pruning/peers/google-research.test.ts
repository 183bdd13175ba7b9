/*
 * Inputs and expected values of model_pruning/python/pruning_test.py (github.com/google-research/google-research) as far as they
 * differ from those of TensorFlow's contrib/model_pruning; each case has the name of its test there.
 */
import { describe, expect, it } from 'vitest';
import { createPruning, parseHparams, sparsity } from '../../../src/pruning/index.ts';
import { LOWER_HALF, pruneOnce, survivors, upTo } from './once.ts';

const hundred = Float32Array.from(upTo(100));

describe('PruningHParamsTest', () => {
  it('testInit', () => {
    const text =
      'name=test,threshold_decay=0.9,pruning_frequency=10,sparsity_function_end_step=100,target_sparsity=0.9,' +
      'weight_sparsity_map=[conv1:0.8,conv2/kernel:0.8],block_dims_map=[dense1:4x4,dense2:1x4]';
    expect(parseHparams(text)).toMatchObject({
      name: 'test',
      threshold_decay: 0.9,
      pruning_frequency: 10,
      sparsity_function_end_step: 100,
      target_sparsity: 0.9,
      block_dims_map: ['dense1:4x4', 'dense2:1x4'],
    });
  });
});

describe('PruningTest', () => {
  it('testUpdateSingleMask', () => {
    expect(survivors(pruneOnce(0.95, [100], upTo(100)).mask)).toBe(5);
  });

  it('testBlockMaskingWithNegativeBlockDimensions: a block is a row', () => {
    const average = [0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.4, 0.4];
    const largest = [0.1, 0, 0.1, 0, 0, 0.1, 0, 0.2, 0.3, 0, 0.3, 0, 0, -0.3, 0, 0.4];
    const rows = 'block_height=1,block_width=-1,threshold_decay=0,block_pooling_function=';
    expect(pruneOnce(0.5, [4, 4], largest, `${rows}MAX`).mask).toEqual(LOWER_HALF);
    expect(pruneOnce(0.5, [4, 4], average, `${rows}AVG`).mask).toEqual(LOWER_HALF);
  });

  it('testWeightSpecificSparsity', () => {
    const hparams =
      'begin_pruning_step=1,pruning_frequency=1,end_pruning_step=100,target_sparsity=0.5,' +
      'weight_sparsity_map=[layer1:0.6,layer2/weights:0.75,.*kernel:0.6],threshold_decay=0.0';
    const names = ['layer1/weights', 'layer2/weights', 'layer3/kernel'];
    const pruning = createPruning(
      hparams,
      names.map((name) => ({ name, shape: [100] })),
    );
    let state = pruning.initialState();
    const weights = new Map(names.map((name) => [name, hundred]));
    for (let step = 0; step < 110; step++) ({ state } = pruning.update(state, step, weights));
    expect([...state.masks.values()].map(sparsity)).toEqual([0.6, 0.75, 0.6]);
  });

  it('testPerLayerBlockSparsity', () => {
    const hparams =
      'block_dims_map=[layer1/weights:1x1,layer2/weights:1x2],block_pooling_function=AVG,threshold_decay=0.0,' +
      'initial_sparsity=0.5,target_sparsity=0.5,pruning_frequency=1';
    const pruning = createPruning(hparams, [
      { name: 'layer1/weights', shape: [2, 2] },
      { name: 'layer2/weights', shape: [2, 4] },
    ]);
    const weights = new Map([
      ['layer1/weights', Float32Array.of(-0.1, 0.1, -0.2, 0.2)],
      ['layer2/weights', Float32Array.of(0.1, 0.1, 0.3, 0.3, 0.2, 0.2, 0.4, 0.4)],
    ]);
    const { masks } = pruning.update(pruning.initialState(), 1, weights).state;
    expect([...masks.values()].map((mask) => [...mask])).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1, 0, 0, 1, 1],
    ]);
  });
});

describe('where this differs from google-research on purpose', () => {
  it('ties, testWeightSparsityTiebreaker: all weights that equal the threshold survive', () => {
    // google-research draws by chance which 50 of the 100 ones survive; in TensorFlow's model_pruning all do.
    const { mask, threshold } = pruneOnce(0.5, [100], new Array(100).fill(1));
    expect(threshold).toBe(1);
    expect(survivors(mask)).toBe(100);
  });

  it.each([
    // testFirstOrderGradientCalculation, testFirstOrderGradientBlockMasking
    'prune_option=first_order_gradient,gradient_decay_rate=0.5',
    // testSecondOrderGradientCalculation
    'prune_option=second_order_gradient,gradient_decay_rate=0.5',
    'intra_block_sparsity=true,block_width=4',
    'group_pruning=true',
  ])('%s is refused, not ignored', (hparams) => {
    expect(() => parseHparams(hparams)).toThrow(expect.objectContaining({ code: 'hparams' }));
  });
});
