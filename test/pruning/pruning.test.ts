import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { createPruning, type PruningState, sparsity } from '../../src/pruning/index.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const weights = [
  { name: 'conv1/weights', shape: [2, 2] },
  { name: 'local3/weights', shape: [4] },
];
const values = new Map([
  ['conv1/weights', f32(0.1, -0.2, 0.3, -0.4)],
  ['local3/weights', f32(8, -4, 2, 1)],
]);
const always = 'pruning_frequency=1,initial_sparsity=0.5';

const userError = (code: string, message: string) =>
  expect.objectContaining({ name: 'UserError', code, message });

describe('pruning', () => {
  it('starts with masks of ones, thresholds of 0 and no update', () => {
    const state = createPruning('do_not_prune=[conv1]', weights).initialState();
    expect(state).toEqual({
      lastMaskUpdateStep: 0,
      masks: new Map([
        ['conv1/weights', f32(1, 1, 1, 1)],
        ['local3/weights', f32(1, 1, 1, 1)],
      ]),
      thresholds: new Map([
        ['conv1/weights', 0],
        ['local3/weights', 0],
      ]),
    });
  });

  it('updates masks and thresholds of all weights at a step that the rule allows', () => {
    const pruning = createPruning(always, weights);
    const { state, updated, warnings } = pruning.update(pruning.initialState(), 1, values);
    expect(updated).toBe(true);
    expect(warnings).toEqual([]);
    expect(state).toEqual({
      lastMaskUpdateStep: 1,
      masks: new Map([
        ['conv1/weights', f32(0, 0, 1, 1)],
        ['local3/weights', f32(1, 1, 0, 0)],
      ]),
      thresholds: new Map([
        ['conv1/weights', Math.fround(0.3)],
        ['local3/weights', 4],
      ]),
    });
  });

  it('gives back the very state at any other step, and needs no weights for it', () => {
    const pruning = createPruning('', weights);
    const initial = pruning.initialState();
    expect(pruning.isUpdateStep(initial, 9)).toBe(false);
    const { state, updated, warnings } = pruning.update(initial, 9, new Map());
    expect(updated).toBe(false);
    expect(warnings).toEqual([]);
    expect(state).toBe(initial);
  });

  it('changes masks after steps 2, 4 and 6 with begin 1, end 6 and frequency 2', () => {
    const pruning = createPruning('begin_pruning_step=1,end_pruning_step=6,pruning_frequency=2', weights);
    let state = pruning.initialState();
    const steps: number[] = [];
    for (let step = 1; step <= 20; step++) {
      const update = pruning.update(state, step, values);
      if (update.updated) steps.push(step);
      state = update.state;
    }
    expect(steps).toEqual([2, 4, 6]);
    expect(state.lastMaskUpdateStep).toBe(6);
  });

  it('never changes a state in place', () => {
    const pruning = createPruning(always, weights);
    const initial = pruning.initialState();
    pruning.update(initial, 1, values);
    expect(initial).toEqual(pruning.initialState());
  });

  it('lets a weight return that has grown', () => {
    const pruning = createPruning(always, weights);
    const first = pruning.update(pruning.initialState(), 1, values).state;
    const grown = new Map(values).set('conv1/weights', f32(0.5, -0.2, 0.3, -0.4));
    const second = pruning.update(first, 2, grown).state;
    expect([...first.masks.get('conv1/weights')!]).toEqual([0, 0, 1, 1]);
    expect([...second.masks.get('conv1/weights')!]).toEqual([1, 0, 0, 1]);
  });

  it('averages thresholds from one update to the next', () => {
    const pruning = createPruning(`${always},threshold_decay=0.5`, weights);
    const first = pruning.update(pruning.initialState(), 1, values).state;
    expect(first.thresholds.get('local3/weights')).toBe(2);
    expect([...first.masks.get('local3/weights')!]).toEqual([1, 1, 1, 0]);
    const second = pruning.update(first, 2, values).state;
    expect(second.thresholds.get('local3/weights')).toBe(3);
    expect([...second.masks.get('local3/weights')!]).toEqual([1, 1, 0, 0]);
  });

  it('gives each weight the sparsity that the map says', () => {
    const pruning = createPruning(
      'pruning_frequency=1,sparsity_function_exponent=1,sparsity_function_end_step=2,weight_sparsity_map=[conv:0.75]',
      weights,
    );
    expect(pruning.sparsityAt(1)).toBe(0.25);
    expect(pruning.sparsityAt(1, 'local3/weights')).toBe(0.25);
    expect(pruning.sparsityAt(1, 'conv1/weights')).toBe(0.375);
    const { masks } = pruning.update(pruning.initialState(), 2, values).state;
    expect([...masks.values()].map(sparsity)).toEqual([0.75, 0.5]);
  });

  it('keeps the weights of do_not_prune whole', () => {
    const pruning = createPruning(`${always},do_not_prune=[conv,nothing]`, weights);
    expect(pruning.prunedWeights).toEqual(['local3/weights']);
    expect(pruning.sparsityAt(1, 'conv1/weights')).toBe(0);
    const onlyLocal3 = new Map([...values].filter(([name]) => name === 'local3/weights'));
    const { state } = pruning.update(pruning.initialState(), 1, onlyLocal3);
    expect([...state.masks.values()].map(sparsity)).toEqual([0, 0.5]);
    expect(state.thresholds.get('conv1/weights')).toBe(0);
  });

  it('takes hparams by name, too', () => {
    expect(createPruning({ target_sparsity: 0.75 }, weights).hparams).toEqual(
      createPruning('target_sparsity=0.75', weights).hparams,
    );
  });
});

describe('a weight that is masked whole', () => {
  const tiny = [{ name: 'tiny/weights', shape: [2] }];
  const tinyValues = new Map([['tiny/weights', f32(-1, 2)]]);

  it('is reported when it happens and not again while it lasts', () => {
    const pruning = createPruning('pruning_frequency=1,initial_sparsity=0.75,target_sparsity=0.9', tiny);
    const first = pruning.update(pruning.initialState(), 1, tinyValues);
    expect(first.warnings).toEqual([
      'tiny/weights: all 2 weights are masked from step 1 on, at sparsity 0.7545',
    ]);
    expect([...first.state.masks.get('tiny/weights')!]).toEqual([0, 0]);
    const second = pruning.update(first.state, 2, tinyValues);
    expect(second.updated).toBe(true);
    expect(second.warnings).toEqual([]);
  });
});

describe('bad input to pruning', () => {
  const pruning = createPruning(always, weights);
  const initial = pruning.initialState();

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%f among the weights is refused with the name of the tensor', (value, text) => {
    const broken = new Map(values).set('local3/weights', f32(1, 2, value, 3));
    expect(() => pruning.update(initial, 7, broken)).toThrow(
      userError(
        'diverged',
        `pruning: local3/weights holds ${text} (element 2) at step 7, expected finite weights`,
      ),
    );
    expect(() => pruning.update(initial, 7, broken)).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(/an earlier checkpoint, or choose a smaller learning rate/),
      }),
    );
  });

  it('weights that are missing or of another length are refused', () => {
    expect(() => pruning.update(initial, 1, new Map())).toThrow(
      userError('argument', 'pruning: nothing given for conv1/weights, expected 4 values'),
    );
    expect(() => pruning.update(initial, 1, new Map(values).set('local3/weights', f32(1, 2, 3)))).toThrow(
      userError('argument', 'pruning: 3 values given for local3/weights, expected 4 values'),
    );
  });

  it('a state of other weights is refused', () => {
    const foreign: PruningState = { lastMaskUpdateStep: 0, masks: new Map(), thresholds: new Map() };
    expect(() => pruning.update(foreign, 1, values)).toThrow(
      userError('argument', 'pruning: the state holds no threshold of conv1/weights'),
    );
    const unmasked = { ...initial, masks: new Map() };
    expect(() => pruning.update(unmasked, 1, values)).toThrow(
      userError('argument', 'pruning: the state holds no mask of conv1/weights, expected 4 values'),
    );
    const short = { ...initial, masks: new Map(initial.masks).set('local3/weights', f32(1)) };
    expect(() => pruning.update(short, 1, values)).toThrow(
      userError(
        'argument',
        'pruning: the state holds a mask of 1 values of local3/weights, expected 4 values',
      ),
    );
  });

  it('two entries of a map that match one weight are refused', () => {
    expect(() => createPruning('weight_sparsity_map=[conv:0.5,weights$:0.9]', weights)).toThrow(
      userError(
        'hparams',
        'pruning hparams: "weight_sparsity_map=[conv:0.5,weights$:0.9]": conv:0.5 and weights$:0.9 both match conv1/weights, ' +
          'expected at most one entry for a weight',
      ),
    );
    expect(() => createPruning('block_dims_map=[local:1x2,local3:2x2]', weights)).toThrow(UserError);
  });

  it('a name given twice, an empty shape and an unknown name are refused', () => {
    expect(() => createPruning('', [...weights, ...weights])).toThrow(
      userError('argument', 'pruning: the weight conv1/weights is named twice'),
    );
    expect(() => createPruning('', [{ name: 'w', shape: [3, 0] }])).toThrow(
      userError('argument', 'pruning: w has shape [3,0], expected positive integers'),
    );
    expect(() => pruning.sparsityAt(1, 'conv2/weights')).toThrow(
      userError('argument', 'pruning: conv2/weights is not among the weights conv1/weights, local3/weights'),
    );
  });
});
