/*
 * Inputs and expected values of pruning_schedule_test.py and pruning_impl_test.py of
 * tensorflow_model_optimization/python/core/sparsity/keras (github.com/tensorflow/model-optimization); each case has the name of its
 * test there. Its begin, end and frequency are of masks and of the sparsity function at once.
 */
import { describe, expect, it } from 'vitest';
import {
  applyMask,
  createPruning,
  isUpdateStep,
  magnitudeMask,
  parseHparams,
} from '../../../src/pruning/index.ts';
import { BLOCKS_OF_EQUALS, BLOCKS_WITH_ZEROS, LOWER_HALF, pruneOnce, survivors, upTo } from './once.ts';

interface Schedule {
  readonly sparsity?: readonly [initial: number, target: number];
  readonly begin: number;
  readonly end: number;
  readonly frequency?: number;
}

/** Hparams of a ConstantSparsity, whose function has no end, or of a PolynomialDecay of power 3. */
function schedule(
  kind: 'ConstantSparsity' | 'PolynomialDecay',
  { sparsity = kind === 'ConstantSparsity' ? [0.5, 0.5] : [0.2, 0.8], begin, end, frequency = 10 }: Schedule,
) {
  const [initial, target] = sparsity;
  const decay = `sparsity_function_begin_step=${begin},sparsity_function_end_step=${end}`;
  return parseHparams(
    `begin_pruning_step=${begin},end_pruning_step=${end},pruning_frequency=${frequency},` +
      `initial_sparsity=${initial},target_sparsity=${target}${kind === 'PolynomialDecay' ? `,${decay}` : ''}`,
  );
}

const refused = expect.objectContaining({ code: 'hparams' });
const sparsityAt = (hparams: ReturnType<typeof schedule>, step: number) =>
  createPruning(hparams, []).sparsityAt(step);

describe.each(['ConstantSparsity', 'PolynomialDecay'] as const)('PruningScheduleTest, %s', (kind) => {
  it('testBeginStepGreaterThanEqualsZero', () => {
    for (const begin of [-1, -5]) expect(() => schedule(kind, { begin, end: 1000 })).toThrow(refused);
    for (const begin of [0, 1, 100]) schedule(kind, { begin, end: 1000 });
  });

  it('testEndStepGreaterThanEqualsZero', () => {
    expect(() => schedule(kind, { begin: 10, end: -5 })).toThrow(refused);
    for (const end of [1, 100]) schedule(kind, { begin: 0, end });
  });

  it('testEndStepGreaterThanEqualsBeginStep', () => {
    expect(() => schedule(kind, { begin: 10, end: 5 })).toThrow(refused);
    schedule(kind, { begin: 10, end: 20 });
  });

  it.each([0, 10])('begin = end = %i is refused, as model_pruning does; tfmot takes it', (step) => {
    expect(() => schedule(kind, { begin: step, end: step })).toThrow(refused);
  });

  it('testFrequencyIsPositive', () => {
    for (const frequency of [-1, -5])
      expect(() => schedule(kind, { begin: 10, end: 1000, frequency })).toThrow(refused);
    for (const frequency of [1, 10]) schedule(kind, { begin: 10, end: 1000, frequency });
  });

  it('frequency 0 updates at every step, as in model_pruning; tfmot refuses it', () => {
    const hparams = schedule(kind, { begin: 10, end: 1000, frequency: 0 });
    expect([9, 10, 11, 12].map((step) => isUpdateStep(hparams, step - 1, step))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('testSparsityValueIsValid', () => {
    const both = (value: number) =>
      kind === 'ConstantSparsity'
        ? [[value, value] as const]
        : [[value, 0.8] as const, [0.2, value] as const];
    for (const value of [-0.001, -1, -10, 1, 10])
      for (const sparsity of both(value))
        expect(() => schedule(kind, { begin: 0, end: 10, sparsity })).toThrow(refused);
    for (const value of [0, 0.001, 0.5, 0.99])
      for (const sparsity of both(value)) schedule(kind, { begin: 0, end: 10, sparsity });
  });

  it('testPrunesOnlyInBeginEndStepRange', () => {
    const hparams = schedule(kind, { begin: 100, end: 200, frequency: 1 });
    const prunes = (step: number) => isUpdateStep(hparams, 0, step);
    expect([90, 99, 100, 110, 200, 201, 210].map(prunes)).toEqual([
      ...[false, false],
      ...[true, true, true],
      ...[false, false],
    ]);
  });

  it('testOnlyPrunesAtValidFrequencySteps', () => {
    const hparams = schedule(kind, { begin: 100, end: 200, frequency: 10 });
    const steps: number[] = [];
    for (let step = 1; step <= 111; step++)
      if (isUpdateStep(hparams, steps.at(-1) ?? 0, step)) steps.push(step);
    expect(steps).toEqual([100, 110]);
  });

  it('an update that was missed is made up for, as in model_pruning; tfmot waits for the next multiple', () => {
    const hparams = schedule(kind, { begin: 100, end: 200, frequency: 10 });
    expect(isUpdateStep(hparams, 100, 111)).toBe(true);
  });
});

describe('ConstantSparsityTest', () => {
  it('testPrunesForeverIfEndStepIsNegativeOne', () => {
    const hparams = schedule('ConstantSparsity', { begin: 0, end: -1 });
    for (const step of [10_000, 100_000_000]) {
      expect(isUpdateStep(hparams, step - 10, step)).toBe(true);
      expect(sparsityAt(hparams, step)).toBe(0.5);
    }
  });

  it('testPrunesWithConstantSparsity', () => {
    const hparams = schedule('ConstantSparsity', { begin: 100, end: 200 });
    expect([100, 110, 200].map((step) => sparsityAt(hparams, step))).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('PolynomialDecayTest', () => {
  it('testRaisesErrorIfEndStepIsNegative', () => {
    expect(() => schedule('PolynomialDecay', { sparsity: [0.4, 0.8], begin: 10, end: -1 })).toThrow(refused);
  });

  it('testPolynomialDecay_PrunesCorrectly', () => {
    const hparams = schedule('PolynomialDecay', { begin: 100, end: 110, frequency: 2 });
    expect([100, 102, 105, 110].map((step) => sparsityAt(hparams, step))).toEqual(
      [0.2, 0.4928, 0.725, 0.8].map((value) => expect.closeTo(value, 6)),
    );
  });
});

describe('PruningTest', () => {
  it('testUpdateSingleMask', () => {
    expect(survivors(pruneOnce(0.5, [100], upTo(100)).mask)).toBe(50);
  });

  it('testConstructsMaskAndThresholdCorrectly: a sparsity a little above 0.2 masks 2 of 10', () => {
    const { mask, threshold } = pruneOnce(0.200000018, [10], upTo(10));
    expect(threshold).toBe(3);
    expect(mask).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it.each([
    ['testBlockMaskingAvg', BLOCKS_OF_EQUALS, 'AVG'],
    ['testBlockMaskingMax', BLOCKS_WITH_ZEROS, 'MAX'],
  ])('%s', (_, weights, pooling) => {
    const blocks = `block_height=2,block_width=2,block_pooling_function=${pooling}`;
    expect(pruneOnce(0.5, [4, 4], weights, blocks).mask).toEqual(LOWER_HALF);
  });

  it('testConditionalMaskUpdate', () => {
    // There masked weights are set to 0, here the raw ones stay; what is computed with is the same.
    const sparsities = [0, 0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5];
    const weights = Float32Array.from(upTo(100));
    const counts = sparsities.map((sparsity) => {
      const { mask } = magnitudeMask(weights, Math.fround(sparsity), 0, 0);
      return survivors(applyMask(weights, mask));
    });
    expect(counts).toEqual([100, 90, 90, 70, 70, 50, 50, 50, 50, 50]);
  });
});

describe('where this differs from tfmot on purpose', () => {
  it('testBlockMaskingWithHigherDimensionsRaisesError: a matrix in a higher rank has blocks, as in model_pruning', () => {
    expect(pruneOnce(0.5, [1, 4, 4], BLOCKS_OF_EQUALS, 'block_height=2,block_width=2').mask).toEqual(
      LOWER_HALF,
    );
  });

  it('few weights: tfmot always keeps one, ours masks all, as 2 * (1 - 0.75) rounds to 0', () => {
    expect(pruneOnce(0.75, [2], [-1, 2]).mask).toEqual([0, 0]);
  });
});
