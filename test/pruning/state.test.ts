import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deserializeState, type PruningState, serializeState } from '../../src/pruning/index.ts';

const mask = fc.array(fc.constantFrom(0, 1), { maxLength: 40 }).map((bits) => Float32Array.from(bits));
const threshold = fc.float({ min: 0, noNaN: true, noDefaultInfinity: true });
const state: fc.Arbitrary<PruningState> = fc
  .tuple(fc.nat(), fc.dictionary(fc.stringMatching(/^\w{1,5}\/weights$/), fc.tuple(mask, threshold)))
  .map(([lastMaskUpdateStep, weights]) => ({
    lastMaskUpdateStep,
    masks: new Map(Object.entries(weights).map(([name, [bits]]) => [name, bits])),
    thresholds: new Map(Object.entries(weights).map(([name, [, value]]) => [name, value])),
  }));

describe('a pruning state', () => {
  it('is kept as one bit a weight, the first lowest', () => {
    const small: PruningState = {
      lastMaskUpdateStep: 40,
      masks: new Map([['w', Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 1)]]),
      thresholds: new Map([['w', 0.25]]),
    };
    expect(serializeState(small)).toEqual({
      lastMaskUpdateStep: 40,
      weights: { w: { size: 10, mask: Buffer.of(0b1000_0001, 0b10).toString('base64'), threshold: 0.25 } },
    });
  });

  it('comes back from JSON bit for bit', () => {
    fc.assert(
      fc.property(state, (drawn) => {
        expect(deserializeState(JSON.parse(JSON.stringify(serializeState(drawn))))).toEqual(drawn);
      }),
    );
  });

  const weights = { w: { size: 10, mask: 'gQI=', threshold: 0.25 } };
  it.each([
    [null, 'the whole is malformed, expected an object'],
    ['text', 'the whole is malformed, expected an object'],
    [{ weights }, 'lastMaskUpdateStep is malformed, expected an integer >= 0'],
    [{ lastMaskUpdateStep: -1, weights }, 'lastMaskUpdateStep is malformed, expected an integer >= 0'],
    [{ lastMaskUpdateStep: 0 }, 'weights is malformed, expected an object'],
    [{ lastMaskUpdateStep: 0, weights: { w: 1 } }, 'w is malformed, expected an object'],
    [
      { lastMaskUpdateStep: 0, weights: { w: { ...weights.w, size: 1.5 } } },
      'w.size is malformed, expected an integer >= 0',
    ],
    [
      { lastMaskUpdateStep: 0, weights: { w: { ...weights.w, size: 17 } } },
      'w.mask is malformed, expected 17 bits in base64',
    ],
    [
      { lastMaskUpdateStep: 0, weights: { w: { ...weights.w, mask: 5 } } },
      'w.mask is malformed, expected 10 bits in base64',
    ],
    [
      { lastMaskUpdateStep: 0, weights: { w: { ...weights.w, threshold: '1' } } },
      'w.threshold is malformed, expected a number',
    ],
    [
      { lastMaskUpdateStep: 0, weights: { w: { ...weights.w, memory: 'AAAA' } } },
      'w.memory is malformed, expected an object',
    ],
    [
      {
        lastMaskUpdateStep: 0,
        weights: { w: { ...weights.w, memory: { gradient: 'AAAAAA==', old: 'AAA=' } } },
      },
      'w.memory.old is malformed, expected float32 values in base64',
    ],
  ])('%o is refused', (serialized, message) => {
    expect(() => deserializeState(serialized)).toThrow(
      expect.objectContaining({ code: 'argument', message: `pruning state: ${message}` }),
    );
  });
});
