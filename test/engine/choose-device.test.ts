import { describe, expect, test } from 'vitest';
import {
  backendChoices,
  chooseDevice,
  type DeviceChoice,
  engineChoices,
  kernelChoices,
} from '../../src/engine/choose-device.ts';
import type { Device } from '../../src/engine/device.ts';
import { ENGINES, type EngineEntry } from '../../src/engine/engines.ts';
import { UserError } from '../../src/errors.ts';

/** An engine whose devices say what they were opened with. */
function entry(name: string, more: Partial<EngineEntry> = {}): EngineEntry {
  return {
    name,
    backends: [],
    kernels: [],
    takesThreads: false,
    open: async ({ backend, kernels, threads }, why) =>
      ({
        name,
        reason: [name, backend, ...(kernels === 'auto' ? [] : [kernels]), threads, why].join(' '),
        isOnGpu: false,
      }) as Device,
    ...more,
  };
}

const unasked = (rank: number, more: Partial<NonNullable<EngineEntry['unasked']>> = {}) => ({
  doc: '',
  rank,
  backend: 'auto',
  isLikely: () => true,
  why: `rank ${rank}`,
  ...more,
});

const TABLE = [
  entry('plain', { kernels: ['wide', 'narrow'], takesThreads: true, unasked: unasked(9) }),
  entry('torch', { backends: ['cuda', 'mps'], unasked: unasked(1, { backend: 'cuda' }) }),
  entry('native', { backends: ['avx2'], takesThreads: true }),
];

async function reason(choice: DeviceChoice, engines: readonly EngineEntry[] = TABLE): Promise<string> {
  return (await chooseDevice(engines, choice)).reason;
}

async function refusal(choice: DeviceChoice, engines: readonly EngineEntry[] = TABLE): Promise<string> {
  const error = await chooseDevice(engines, choice).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  const { message, hint } = error as UserError;
  return `${message} | ${hint}`;
}

describe('of a table of engines', () => {
  test('choices are its names, its backends and its kernels', () => {
    expect(engineChoices(TABLE)).toEqual(['auto', 'plain', 'torch', 'native']);
    expect(backendChoices(TABLE)).toEqual(['auto', 'cuda', 'mps', 'avx2']);
    expect(kernelChoices(TABLE)).toEqual(['auto', 'wide', 'narrow']);
  });

  test('the one is opened that is named, itself, by a backend or by its kernels', async () => {
    expect(await reason({ kernels: 'narrow' })).toBe('plain auto narrow  as asked for');
    expect(await reason({ engine: 'plain', kernels: 'wide', threads: 2 })).toBe(
      'plain auto wide 2 as asked for',
    );
    expect(await reason({ engine: 'native', threads: 2 })).toBe('native auto 2 as asked for');
    expect(await reason({ engine: 'torch', backend: 'mps' })).toBe('torch mps  as asked for');
    expect(await reason({ backend: 'mps' })).toBe('torch mps  as asked for');
  });

  test('what does not go together is refused, with what does', async () => {
    expect(await refusal({ engine: 'plain', backend: 'cuda' })).toBe(
      'engine plain has no backend cuda | Leave one of the two out: backends are those of engine torch or native.',
    );
    expect(await refusal({ engine: 'native', backend: 'cuda' })).toMatch(
      /^engine native has no backend cuda/,
    );
    expect(await refusal({ backend: 'cuda', threads: 2 })).toBe(
      'engine torch takes no number of threads | Leave it out, or choose plain or native.',
    );
    expect(await refusal({ engine: 'torch', kernels: 'wide' })).toBe(
      'engine torch has no kernels wide | Leave one of the two out: kernels are those of engine plain.',
    );
    expect(await refusal({ backend: 'mps', kernels: 'wide' })).toMatch(/^engine torch has no kernels wide/);
    expect(await refusal({ kernels: 'fast' })).toBe(
      'there are no kernels fast | Choose auto, wide or narrow.',
    );
    expect(await refusal({ engine: 'tpu' })).toBe(
      'there is no engine tpu | Choose auto, plain, torch or native.',
    );
  });

  test('one that is not installed is refused, with how to get it and what needs nothing', async () => {
    const packages = { needed: 'no-such-package-here', toGet: 'this and-that' };
    expect(await refusal({ engine: 'rare' }, [...TABLE, entry('rare', { packages })])).toBe(
      'engine rare: no-such-package-here is not installed | ' +
        'Run npm install this and-that, or choose plain or torch or native.',
    );
  });

  test('unasked, the first in order of rank is taken', async () => {
    expect(await reason({})).toBe('torch cuda  rank 1');
    const unlikely = entry('torch', { unasked: unasked(1, { isLikely: () => false }) });
    expect(await reason({}, [TABLE[0]!, unlikely])).toBe('plain auto  rank 9');
    expect(await reason({ threads: 2 })).toBe('plain auto 2 which takes a number of threads');
  });

  test('why those before did not do is told', async () => {
    const failing = entry('failing', {
      unasked: unasked(1),
      open: () => Promise.reject(new Error('failing fails')),
    });
    const slow = entry('slow', { unasked: unasked(2, { refusal: () => 'slow is slow' }) });
    expect(await reason({}, [slow, TABLE[0]!, failing])).toBe(
      'plain auto  rank 9; failing fails; slow is slow',
    );
    await expect(reason({}, [slow, failing])).rejects.toThrow(
      'no engine can be used here; failing fails; slow is slow',
    );
    await expect(reason({}, [failing])).rejects.toThrow(/^failing fails$/);
  });
});

test('the table of this package', () => {
  const names = [...ENGINES.map(({ name }) => name), ...ENGINES.flatMap(({ backends }) => backends)];
  expect(new Set(names).size).toBe(names.length);
  // There is one that always works.
  const last = ENGINES.flatMap((each) => each.unasked ?? []).toSorted((a, b) => b.rank - a.rank)[0]!;
  expect(last.isLikely()).toBe(true);
  expect(last.refusal).toBeUndefined();
});
