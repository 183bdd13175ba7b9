/*
 * Inputs and expected values of tensorflow/contrib/model_pruning/python/pruning_test.py and layers/layers_test.py
 * (github.com/tensorflow/tensorflow, r1.15); each case has the name of its test there.
 */
import { describe, expect, it } from 'vitest';
import { applyMask, createPruning, parseHparams, sparsity } from '../../../src/pruning/index.ts';
import { randomStream } from '../../../src/random.ts';
import { BLOCKS_OF_EQUALS, BLOCKS_WITH_ZEROS, LOWER_HALF, pruneOnce, survivors, upTo } from './once.ts';

const hundred = Float32Array.from(upTo(100));

describe('PruningHParamsTest', () => {
  it.each([
    'weight_sparsity_map=[conv1:0.8,conv2/kernel:0.8]',
    // Of the version of 2017 and 2018.
    'do_not_prune=[conv1,conv2]',
  ])('testInit, with %s', (list) => {
    const text = `name=test,threshold_decay=0.9,pruning_frequency=10,sparsity_function_end_step=100,target_sparsity=0.9,${list}`;
    const [name, entries] = list.slice(0, -1).split('=[');
    expect(parseHparams(text)).toMatchObject({
      name: 'test',
      threshold_decay: 0.9,
      pruning_frequency: 10,
      sparsity_function_end_step: 100,
      target_sparsity: 0.9,
      [name!]: entries!.split(','),
    });
  });

  it('testInit: the map gives both weights their sparsity', () => {
    const weights = ['conv1', 'conv2/kernel'].map((name) => ({ name, shape: [1] }));
    const map = 'target_sparsity=0.9,weight_sparsity_map=[conv1:0.8,conv2/kernel:0.8]';
    for (const { name } of weights)
      expect(createPruning(map, weights).sparsityAt(100, name)).toBe(Math.fround(0.8));
  });
});

describe('PruningTest', () => {
  it('testCreateMask2D: new masks change nothing', () => {
    const stream = randomStream(1, 'weights');
    const weights = Float32Array.from({ length: 10 * 20 }, () => stream.normal());
    const { masks } = createPruning('', [{ name: 'weights', shape: [10, 20] }]).initialState();
    expect(applyMask(weights, masks.get('weights')!)).toEqual(weights);
  });

  it.each(['testUpdateSingleMask', 'testPartitionedVariableMasking'])('%s', () => {
    // Versions before the exact threshold kept 51: they read it from a histogram.
    expect(survivors(pruneOnce(0.5, [100], upTo(100)).mask)).toBe(50);
  });

  it.each([
    ['testBlockMasking', [4, 4]],
    ['testBlockMaskingWithHigherDimensions', [1, 4, 4]],
  ])('%s', (_, shape) => {
    const blocks = 'block_height=2,block_width=2,threshold_decay=0,block_pooling_function=';
    expect(pruneOnce(0.5, shape, BLOCKS_WITH_ZEROS, `${blocks}MAX`).mask).toEqual(LOWER_HALF);
    expect(pruneOnce(0.5, shape, BLOCKS_OF_EQUALS, `${blocks}AVG`).mask).toEqual(LOWER_HALF);
  });

  it('testConditionalMaskUpdate: a sparsity of 0.1 more at each step, sampled at steps 2, 4 and 6', () => {
    const schedule = 'sparsity_function_end_step=9,sparsity_function_exponent=1,target_sparsity=0.9';
    const steps = 'pruning_frequency=2,begin_pruning_step=1,end_pruning_step=6,nbins=100';
    const pruning = createPruning(`${schedule},${steps}`, [{ name: 'weights', shape: [100] }]);
    let state = pruning.initialState();
    const counts = Array.from({ length: 10 }, (_, step) => {
      ({ state } = pruning.update(state, step, new Map([['weights', hundred]])));
      return survivors(state.masks.get('weights')!);
    });
    expect(counts).toEqual([100, 100, 80, 80, 60, 60, 40, 40, 40, 40]);
  });

  it('testWeightSpecificSparsity', () => {
    const hparams =
      'begin_pruning_step=1,pruning_frequency=1,end_pruning_step=100,target_sparsity=0.5,' +
      'weight_sparsity_map=[layer2/weights:0.75],threshold_decay=0';
    const names = ['layer1/weights', 'layer2/weights'];
    const pruning = createPruning(
      hparams,
      names.map((name) => ({ name, shape: [100] })),
    );
    let state = pruning.initialState();
    const weights = new Map(names.map((name) => [name, hundred]));
    for (let step = 0; step < 110; step++) ({ state } = pruning.update(state, step, weights));
    expect([...state.masks.values()].map(sparsity)).toEqual([0.5, 0.75]);
  });
});

describe('masks of layers_test.py have the shapes of the weights', () => {
  const deepening = upTo(5).map((layer) => [4 + 7 * (layer - 1), 4 + 7 * layer]);

  it.each([
    ['testSingleConvMaskAdded', [[3, 3, 8, 32]]],
    ['testMultipleConvMaskAdded', deepening.map((channels) => [3, 3, ...channels])],
    ['testSingleFCMaskAdded', [[8, 32]]],
    ['testMultipleConvMaskAdded of MaskedFullyConnectedLayerTest', deepening],
  ])('%s', (_, shapes) => {
    const weights = shapes.map((shape, index) => ({ name: `layer${index}/weights`, shape }));
    const { masks } = createPruning('', weights).initialState();
    expect([...masks.values()].map((mask) => mask.length)).toEqual(
      shapes.map((shape) => shape.reduce((product, extent) => product * extent)),
    );
  });
});

describe('where this differs from model_pruning on purpose', () => {
  it('few weights: where no survivor is left over all are masked, with a warning', () => {
    // 2 * (1 - 0.75) is 0.5, which rounds to 0; the original then reads index -1 of the sorted magnitudes.
    const { mask, threshold, warnings } = pruneOnce(0.75, [2], [-1, 2]);
    expect(mask).toEqual([0, 0]);
    expect(threshold).toBeGreaterThan(2);
    expect(warnings).toEqual(['w: all 2 weights are masked from step 1 on, at sparsity 0.7500']);
  });

  it('a block of -1 is the whole axis of its own weight, also of the second one', () => {
    // The original keeps the first weight's 2 for all that follow.
    const weights = [
      { name: 'a', shape: [2, 2] },
      { name: 'b', shape: [2, 4] },
    ];
    const hparams = 'block_width=-1,initial_sparsity=0.5,target_sparsity=0.5,pruning_frequency=1';
    const pruning = createPruning(hparams, weights);
    const values = new Map([
      ['a', Float32Array.of(1, 1, 2, 2)],
      ['b', Float32Array.of(9, 9, 0, 0, 5, 5, 5, 5)],
    ]);
    const { masks } = pruning.update(pruning.initialState(), 1, values).state;
    expect([...masks.get('b')!]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it("a weight's own target is reached from initial_sparsity, and target_sparsity may be 0", () => {
    // The original scales: 0.25 * 0.75 / 0.5 at the begin, and divides by 0 with target_sparsity=0.
    const weights = [{ name: 'w', shape: [4] }];
    const map = 'weight_sparsity_map=[w:0.75]';
    expect(createPruning(`initial_sparsity=0.25,${map}`, weights).sparsityAt(0, 'w')).toBe(0.25);
    expect(createPruning(`target_sparsity=0,${map}`, weights).sparsityAt(100, 'w')).toBe(0.75);
  });
});
