import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHparams } from '../../src/hparams/index.ts';
import { isUpdateStep } from '../../src/pruning/index.ts';
import { polynomialSchedule, weightSchedule } from '../../src/pruning/schedule.ts';
import { firstUpdateStep, lastUpdateStep } from '../../src/pruning/update-steps.ts';

describe('the sparsity schedule', () => {
  // Powers of two all the way, so that float32 holds each value exactly.
  it.each([
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 0, 0],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 25, 0.2890625],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 50, 0.4375],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 75, 0.4921875],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 100, 0.5],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 100, exponent: 3 }, 1_000_000, 0.5],
    [{ initial: 0.25, target: 0.75, beginStep: 10, endStep: 18, exponent: 1 }, 0, 0.25],
    [{ initial: 0.25, target: 0.75, beginStep: 10, endStep: 18, exponent: 1 }, 10, 0.25],
    [{ initial: 0.25, target: 0.75, beginStep: 10, endStep: 18, exponent: 1 }, 11, 0.3125],
    [{ initial: 0.25, target: 0.75, beginStep: 10, endStep: 18, exponent: 1 }, 16, 0.625],
    [{ initial: 0.75, target: 0.25, beginStep: 0, endStep: 4, exponent: 2 }, 1, 0.53125],
    [{ initial: 0, target: 0.5, beginStep: 0, endStep: 4, exponent: 0.5 }, 3, 0.25],
    [{ initial: 0.25, target: 0.5, beginStep: 0, endStep: 4, exponent: 0 }, 3, 0.25],
    [{ initial: 0.25, target: 0.5, beginStep: 0, endStep: 4, exponent: 0 }, 4, 0.25],
  ])('%o has at step %i the value %f', (sparsityFunction, step, expected) => {
    expect(polynomialSchedule(sparsityFunction)(step)).toBe(expected);
  });

  it.each([
    [0, 0.2999999523162842],
    [11, 0.3127654194831848],
    [150, 0.8999999761581421],
  ])('is float32 at each operation: from 0.3 to 0.9 at step %i TensorFlow has %f', (step, expected) => {
    const schedule = polynomialSchedule({
      initial: 0.3,
      target: 0.9,
      beginStep: 10,
      endStep: 150,
      exponent: 3,
    });
    expect(schedule(step)).toBe(expected);
  });

  it('moves from initial to target without turning back, in [0, 1]', () => {
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const steps = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        fraction,
        fraction,
        steps,
        steps,
        fc.double({ min: 0, max: 8, noNaN: true }),
        steps,
        (...drawn) => {
          const [initial, target, beginStep, length, exponent, step] = drawn;
          const schedule = polynomialSchedule({
            initial,
            target,
            beginStep,
            endStep: beginStep + 1 + length,
            exponent,
          });
          const [now, next] = [schedule(step), schedule(step + 1)];
          expect(Math.sign(next - now) * Math.sign(target - initial)).toBeGreaterThanOrEqual(0);
          expect(Math.min(now, next)).toBeGreaterThanOrEqual(0);
          expect(Math.max(now, next)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("a weight's own target", () => {
  it('is reached from the common initial sparsity', () => {
    const schedule = weightSchedule(
      parseHparams(
        'initial_sparsity=0.25,target_sparsity=0.5,sparsity_function_exponent=1,sparsity_function_end_step=8',
      ),
      0.75,
    );
    expect([0, 2, 4, 8, 9].map(schedule)).toEqual([0.25, 0.375, 0.5, 0.75, 0.75]);
  });

  it('may be 0, and so may target_sparsity', () => {
    const hparams = parseHparams(
      'target_sparsity=0,sparsity_function_exponent=1,sparsity_function_end_step=4',
    );
    expect(weightSchedule(hparams)(2)).toBe(0);
    expect(weightSchedule(hparams, 0.5)(2)).toBe(0.25);
  });

  it('equals the common schedule scaled where the initial sparsity is 0', () => {
    const hparams = parseHparams('target_sparsity=0.5');
    for (const step of [0, 1, 17, 50, 99, 100]) {
      expect(weightSchedule(hparams, 0.75)(step)).toBeCloseTo(weightSchedule(hparams)(step) * 1.5, 6);
    }
  });
});

describe('the update rule', () => {
  const updateSteps = (text: string, maxSteps: number) => {
    const hparams = parseHparams(text);
    const steps: number[] = [];
    for (let step = 1; step <= maxSteps; step++) {
      if (isUpdateStep(hparams, steps.at(-1) ?? 0, step)) steps.push(step);
    }
    return steps;
  };

  it.each([
    ['begin_pruning_step=1,end_pruning_step=6,pruning_frequency=2', [2, 4, 6]],
    ['', [10]],
    ['pruning_frequency=1,end_pruning_step=3', [1, 2, 3]],
    ['pruning_frequency=0,end_pruning_step=3', [1, 2, 3]],
    ['begin_pruning_step=7,pruning_frequency=3', [7, 10, 13, 16]],
    ['begin_pruning_step=7,pruning_frequency=3,end_pruning_step=15', [7, 10, 13]],
    ['begin_pruning_step=3,end_pruning_step=4', []],
    ['begin_pruning_step=17', []],
  ])('of "%s" updates in 16 steps after %o', (text, expected) => {
    expect(updateSteps(text, 16)).toEqual(expected);
  });

  it('goes on from the last update of a resumed run', () => {
    const hparams = parseHparams('pruning_frequency=10');
    expect([69, 70, 71].map((step) => isUpdateStep(hparams, 60, step))).toEqual([false, true, true]);
  });

  it('never updates before the first training step', () => {
    expect(firstUpdateStep(parseHparams('pruning_frequency=0'))).toBe(1);
  });

  it('has a first and a last step that are known beforehand', () => {
    const count = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(count, fc.option(count), count, count, (begin, length, frequency, maxSteps) => {
        const end = length === null ? -1 : begin + 1 + length;
        const text = `begin_pruning_step=${begin},end_pruning_step=${end},pruning_frequency=${frequency}`;
        const steps = updateSteps(text, maxSteps);
        expect(lastUpdateStep(parseHparams(text), maxSteps)).toBe(steps.at(-1));
        if (steps.length > 0) expect(firstUpdateStep(parseHparams(text))).toBe(steps[0]);
      }),
    );
  });
});
