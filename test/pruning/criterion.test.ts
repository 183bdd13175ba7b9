import { describe, expect, it } from 'vitest';
import { type Criterion, MAGNITUDE } from '../../src/pruning/criterion.ts';
import { deserializeState, serializeState } from '../../src/pruning/index.ts';
import { SINGLE_WEIGHTS } from '../../src/pruning/structure.ts';
import { pruningBy } from './rules.ts';
import { filters } from './structures.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const weights = [{ name: 'w', shape: [1, 2] }];
const valuesOf = (...values: number[]) => new Map([['w', f32(...values)]]);

/** |weight * gradient| with a gradient averaged from step to step. */
const FIRST_ORDER: Criterion = {
  needsGradients: true,
  remember({ gradients, memory }) {
    const before = memory.get('gradient') ?? new Float32Array(gradients.length);
    return new Map([['gradient', gradients.map((gradient, i) => 0.5 * before[i]! + 0.5 * gradient)]]);
  },
  scores: ({ weights, memory }) => weights.map((weight, i) => weight * memory.get('gradient')![i]!),
};

const userError = (code: string, message: string) =>
  expect.objectContaining({ name: 'UserError', code, message });

describe('a criterion that needs gradients and remembers them', () => {
  const pruning = pruningBy(SINGLE_WEIGHTS, weights, 0.5, {
    criterion: FIRST_ORDER,
    hparams: 'pruning_frequency=2',
  });
  const initial = pruning.initialState();

  it('sees every step and decides at that of an update', () => {
    const first = pruning.update(initial, 1, valuesOf(2, -1), valuesOf(4, 0));
    expect(first).toEqual({
      updated: false,
      warnings: [],
      state: { ...initial, memory: new Map([['w', new Map([['gradient', f32(2, 0)]])]]) },
    });
    expect(initial).toEqual(pruning.initialState());

    const second = pruning.update(first.state, 2, valuesOf(2, -1), valuesOf(0, 8));
    expect(second.updated).toBe(true);
    expect(second.state).toEqual({
      lastMaskUpdateStep: 2,
      masks: new Map([['w', f32(0, 1)]]),
      thresholds: new Map([['w', 4]]),
      memory: new Map([['w', new Map([['gradient', f32(1, 4)]])]]),
    });
    expect(first.state.memory).toEqual(new Map([['w', new Map([['gradient', f32(2, 0)]])]]));
  });

  it('goes on from a state that has been through JSON', () => {
    const { state } = pruning.update(initial, 1, valuesOf(2, -1), valuesOf(1 / 3, 0));
    expect(deserializeState(JSON.parse(JSON.stringify(serializeState(state))))).toEqual(state);
  });

  it('is refused gradients that are missing or of another length', () => {
    expect(() => pruning.update(initial, 1, valuesOf(2, -1))).toThrow(
      userError('argument', 'pruning: nothing given for the gradient of w, expected 2 values'),
    );
    expect(() => pruning.updateMasks(initial, 1, valuesOf(2, -1), valuesOf(1))).toThrow(
      userError('argument', 'pruning: 1 values given for the gradient of w, expected 2 values'),
    );
  });

  it('is refused scores that are not finite', () => {
    expect(() => pruning.update(initial, 2, valuesOf(2, -1), valuesOf(1, Number.NaN))).toThrow(
      userError('diverged', 'pruning: w has the score NaN (element 1) at step 2, expected finite scores'),
    );
  });

  it('scores whatever the structure is', () => {
    // Filters by magnitude: 5 and 1; by weight times averaged gradient: 0.5 and 2.
    const shape = [1, 1, 1, 2];
    const maskOf = (criterion: Criterion) => {
      const each = pruningBy(filters(shape), [{ name: 'w', shape }], 0.5, { criterion });
      return each.update(each.initialState(), 1, valuesOf(5, 1), valuesOf(0.2, 4)).state.masks.get('w');
    };
    expect(maskOf(MAGNITUDE)).toEqual(f32(1, 0));
    expect(maskOf(FIRST_ORDER)).toEqual(f32(0, 1));
  });
});

describe('masks of a step whose caller has asked whether it is one of an update', () => {
  it('are computed without asking again', () => {
    const pruning = pruningBy(SINGLE_WEIGHTS, weights, 0.5, { hparams: 'pruning_frequency=10' });
    const initial = pruning.initialState();
    expect(pruning.isUpdateStep(initial, 9)).toBe(false);
    const { state, updated } = pruning.updateMasks(initial, 9, valuesOf(2, -1));
    expect(updated).toBe(true);
    expect(state).toEqual({
      lastMaskUpdateStep: 9,
      masks: new Map([['w', f32(1, 0)]]),
      thresholds: new Map([['w', 2]]),
    });
  });
});
