import { describe, expect, it } from 'vitest';
import { KERNELS, MAX_ARGUMENTS } from '../../../src/engine/simd/kernels.ts';
import { SharedMemory } from '../../../src/engine/simd/memory.ts';
import { compileKernels, instantiateKernels } from '../../../src/engine/simd/module.ts';
import { encodeProgram, phaseCount, rewind, takeTask } from '../../../src/engine/simd/program.ts';

describe('an encoded program', () => {
  const program = encodeProgram([
    [
      [['sumSlices', 1, 2, 3, 4, 5]],
      [
        ['reluGradient', 6, 7, 8],
        ['reluGradient', 9, 10, -11],
      ],
    ],
    [],
    [[['sumSlices', 0xffff_0000, 2, 3, 4, 5]]],
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
      expect(taken(0)).toEqual([reluGradient, 3, 6, 7, 8, reluGradient, 3, 9, 10, -11]);
      expect(taken(0)).toBeUndefined();
      expect(taken(1)).toBeUndefined();
      expect(taken(2)).toEqual([sumSlices, 5, 0xffff_0000 | 0, 2, 3, 4, 5]);
      expect(taken(2)).toBeUndefined();
      rewind(program);
    }
  });
});

describe.each([true, false])('the kernels, relaxed SIMD: %s', (relaxed) => {
  it('are all there, and none takes more arguments than a call passes', () => {
    const compiled = compileKernels(relaxed);
    expect(compiled.relaxed).toBe(relaxed);
    const kernels = instantiateKernels(compiled.module, new SharedMemory().memory);
    const exported = Object.keys(kernels).filter((name) => name !== 'memory');
    expect(exported.sort()).toEqual([...KERNELS].sort());
    expect(Math.max(...KERNELS.map((name) => kernels[name].length))).toBe(MAX_ARGUMENTS);
  });
});
