import { describe, expect, it } from 'vitest';
import { THREAD_MEMORY } from '../../../src/engine/simd/kernels/encode-call.ts';
import { KERNELS } from '../../../src/engine/simd/kernels/signatures.ts';
import {
  type Call,
  callsOf,
  encodeProgram,
  phaseCount,
  rewind,
  takeTask,
} from '../../../src/engine/simd/program.ts';

const SUM: Call = { kernel: 'sumSlices', slices: 1, slice: 2, sliceCount: 3, target: 4, count: 5 };

describe('an encoded program', () => {
  const program = encodeProgram([
    [
      [SUM],
      [
        { kernel: 'reluGradient', d: 6, y: 7, count: 8 },
        // The order in which arguments are written has no meaning.
        { count: 11, y: 10, d: 9, kernel: 'reluGradient' },
      ],
    ],
    [],
    [[{ ...SUM, slices: 0xffff_0000 }]],
  ]);
  const taken = (phase: number) => {
    const task = takeTask(program, phase);
    return task && [...program.subarray(...task)];
  };

  it('gives each task of a phase once, and all again when it has been rewound', () => {
    const sumSlices = KERNELS.indexOf('sumSlices');
    const reluGradient = KERNELS.indexOf('reluGradient');
    expect(phaseCount(program)).toBe(3);
    for (let run = 0; run < 2; run++) {
      expect(taken(0)).toEqual([sumSlices, 5, 1, 2, 3, 4, 5]);
      expect(taken(0)).toEqual([reluGradient, 3, 6, 7, 8, reluGradient, 3, 9, 10, 11]);
      expect(taken(0)).toBeUndefined();
      expect(taken(1)).toBeUndefined();
      expect(taken(2)).toEqual([sumSlices, 5, 0xffff_0000 | 0, 2, 3, 4, 5]);
      expect(taken(2)).toBeUndefined();
      rewind(program);
    }
  });

  it("has every thread's own addresses where it names thread-local ones", () => {
    const own = encodeProgram([[[{ ...SUM, slices: THREAD_MEMORY + 16, target: THREAD_MEMORY }]]], {
      offset: 4096,
      stride: 1000,
    });
    const [begin, end] = takeTask(own, 0)!;
    const argumentsOn = (thread: number) => [...callsOf(own, thread).subarray(begin + 2, end)];
    expect(argumentsOn(0)).toEqual([4112, 2, 3, 4096, 5]);
    expect(argumentsOn(2)).toEqual([6112, 2, 3, 6096, 5]);
  });
});

describe('a call', () => {
  const encode = (call: Call) => () => encodeProgram([[[call]]]);

  it.each([
    [{ ...SUM, count: Number.NaN }, /sumSlices: count is NaN; expected count, a whole number from 0/],
    [{ ...SUM, count: 1.5 }, /count is 1.5/],
    [{ ...SUM, count: -1 }, /count is -1/],
    [{ ...SUM, count: 2 ** 31 }, /count is 2147483648; .* to 2147483647/],
    [{ ...SUM, slice: 2 ** 32 }, /slice is 4294967296; expected bytes/],
    [{ ...SUM, slice: THREAD_MEMORY }, /slice is 1099511627776/],
    [{ ...SUM, target: 2 ** 32 }, /target is 4294967296; expected address/],
    [{ ...SUM, target: THREAD_MEMORY + 0.5 }, /target is 1099511627776.5/],
    [{ ...SUM, target: -4 }, /target is -4/],
    [{ ...SUM, target: undefined as unknown as number }, /target is undefined/],
  ])('is refused with an argument that does not fit its kernel: %#', (call, message) => {
    expect(encode(call)).toThrow(message);
  });

  it('is refused with a flag that is neither 0 nor 1, or a shift of a word away', () => {
    const sum = { source: 0, sums: 0, planes: 1, rows: 1, columns: 1, plane: 16, row: 16 };
    expect(encode({ kernel: 'sumPlanes', ...sum, accumulate: 1 })).not.toThrow();
    expect(encode({ kernel: 'sumPlanes', ...sum, accumulate: 2 })).toThrow(/accumulate is 2; expected flag/);
    const lists = { x: 0, y: 0, yPlane: 16, pairs: 0, pairsStride: 8, counts: 0, channels: 1 };
    const narrow = { kernel: 'narrowSparse', ...lists, bias: 0, floor: 0 } as const;
    expect(encode({ ...narrow, shift: 31 })).not.toThrow();
    expect(encode({ ...narrow, shift: 32 })).toThrow(/shift is 32/);
  });

  it('does not compile with an argument that is missing, misspelled or not its kernel’s', () => {
    // @ts-expect-error y is missing
    const missing: Call = { kernel: 'relu', x: 0, count: 4 };
    // @ts-expect-error cuont is no argument
    const misspelled: Call = { kernel: 'relu', x: 0, y: 0, cuont: 4 };
    // @ts-expect-error rows is no argument
    const surplus: Call = { kernel: 'relu', x: 0, y: 0, count: 4, rows: 1 };
    // @ts-expect-error no such kernel
    const unknown: Call = { kernel: 'rleu', x: 0, y: 0, count: 4 };
    expect([missing, misspelled, surplus, unknown]).toHaveLength(4);
  });
});
