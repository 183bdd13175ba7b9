import { afterAll, expect, test } from 'vitest';
import { removeFiles } from './fuzz/folder.ts';
import { fuzz, shares, TARGETS } from './fuzz/fuzz.ts';
import { scaled } from './scale.ts';

const CASES = 25_000;
const SEED = Number(process.env.FAULTS_SEED ?? 1);

afterAll(removeFiles);

test.each([...shares(scaled(CASES), Object.keys(TARGETS))])(
  '%s: a damaged input is read or refused in one line, soon (%d cases)',
  async (name, cases) => {
    const { failure, refused } = await fuzz(name, { cases, seed: SEED });
    expect(failure, String(failure?.error)).toBeUndefined();
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(cases);
  },
);
