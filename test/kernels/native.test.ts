import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { compileKernels } from '../../src/engine/simd/kernels/kernel-sets.ts';
import { loadAddon, nativeAddon } from '../../src/engine/simd/kernels/native/addon.ts';
import { type Call, KERNELS } from '../../src/engine/simd/kernels/signatures.ts';
import { SharedMemory } from '../../src/engine/simd/memory.ts';
import { callsOf, encodeProgram } from '../../src/engine/simd/program.ts';
import { runPhase } from '../../src/engine/simd/run-phase.ts';
import { UserError } from '../../src/errors.ts';
import { MODULES } from './sets.ts';

const BUILD = join(import.meta.dirname, '../../native/build.mjs');
const NATIVE = MODULES.filter(({ kernels }) => kernels.name.startsWith('native-'));

function build(...flags: string[]) {
  const env = { ...process.env, CXX: '/no/such/compiler' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILD, ...flags], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('without a compiler', () => {
  test('an installation ends well and says what computes', () => {
    expect(build('--if-possible')).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'native kernels: not built; there is no C++ compiler /no/such/compiler. WebAssembly computes instead.\n',
    });
  });

  test('a build that was asked for fails', () => {
    expect(build().status).toBe(1);
  });
});

describe('an addon that cannot be used', () => {
  test('is one that is not there', () => {
    expect(loadAddon('/no/such/kernels.node')).toMatch(/^they are not built; "npm run build:native" /);
  });

  test('is one that cannot be loaded', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'addon-')), 'kernels.node');
    await writeFile(path, 'not a library\n'.repeat(100));
    const reason = loadAddon(path);
    expect(reason).toContain(`${path} cannot be loaded: `);
    expect(reason).not.toContain('\n');
  });

  test('is named where native kernels are asked for, with the way out', async () => {
    vi.resetModules();
    vi.doMock('../../src/engine/simd/kernels/native/addon.ts', () => ({
      nativeAddon: () => 'it is raining',
    }));
    try {
      const { compileKernels: compile } = await import('../../src/engine/simd/kernels/kernel-sets.ts');
      const { UserError: Refusal } = await import('../../src/errors.ts');
      expect(() => compile(true, 'native')).toThrow(
        new Refusal(
          'engine',
          'native kernels cannot be used: it is raining',
          'Choose --kernels=wasm, which needs nothing.',
        ),
      );
      expect(compile(true, 'auto').kernels.name).toBe('wasm');
    } finally {
      vi.doUnmock('../../src/engine/simd/kernels/native/addon.ts');
      vi.resetModules();
    }
  });
});

describe('the choice of kernels', () => {
  test('is WebAssembly unless native ones are named', () => {
    expect(compileKernels(true).kernels.name).toBe('wasm');
    expect(compileKernels(true, 'wasm').kernels.name).toBe('wasm');
  });

  test('takes the fastest native ones', () => {
    if (NATIVE.length === 0) expect(() => compileKernels(true, 'native')).toThrow(UserError);
    else expect(compileKernels(true, 'native').kernels.name).toBe(NATIVE[0]!.kernels.name);
  });
});

describe.each(NATIVE)('$target, $build', ({ kernels, code }) => {
  const memory = new SharedMemory(kernels);
  const place = memory.allocate(64);
  const makeCalls = kernels.open(code, memory.memory);
  const run = (call: Call) => {
    const program = encodeProgram([[[call]]]);
    runPhase(makeCalls, program, callsOf(program, 0), 0);
  };

  test('writes nothing beyond what 32 bits can address', () => {
    const far = 2 ** 32 - 64;
    const beyond: Call[] = [
      { kernel: 'relu', x: place, y: far, count: 17 },
      {
        kernel: 'copyStrided',
        source: place,
        target: place,
        planes: 3,
        rows: 1,
        columns: 1,
        sourcePlane: 0,
        sourceRow: 0,
        sourceColumn: 4,
        targetPlane: 2 ** 31,
        targetRow: 0,
        targetColumn: 4,
      },
      {
        kernel: 'transpose',
        source: place,
        target: place,
        rows: 1,
        columns: 3,
        sourceRow: 4,
        targetRow: 2 ** 31,
      },
      { kernel: 'clearRowEnds', planes: 2, target: place, plane: 2 ** 32 - 4, rows: 1, row: 64, columns: 1 },
      { kernel: 'sumSlices', slices: place, slice: 0, sliceCount: 1, target: far, count: 17 },
      {
        kernel: 'matMul',
        a: place,
        b: place,
        y: far,
        rows: 2,
        inner: 0,
        columns: 16,
        aRow: 0,
        aColumn: 0,
        bRow: 0,
      },
    ];
    for (const call of beyond)
      expect(() => run(call), call.kernel).toThrow(
        `arguments that reach beyond the memory for kernel ${call.kernel}`,
      );
  });

  test('follows no list that is longer than its room, and no index that is out of reach', () => {
    const counts = memory.place(Uint32Array.of(9));
    const indices = memory.place(Uint32Array.of(2 ** 30));
    const one = memory.place(Uint32Array.of(1));
    const lists = { pairs: place, pairsStride: 64, firstChannel: 0, channels: 1 };
    expect(() => run({ kernel: 'packSparse', weights: place, indices, counts, ...lists })).toThrow(
      'packSparse',
    );
    const { pairs: _, ...gathered } = lists;
    expect(() =>
      run({
        kernel: 'gatherSparse',
        slices: place,
        slice: 0,
        sliceCount: 1,
        gradient: place,
        indices,
        counts: one,
        ...gathered,
      }),
    ).toThrow('gatherSparse');
  });

  test('refuses what is no program', () => {
    expect(() => makeCalls(Int32Array.of(KERNELS.length, 0), 0, 2)).toThrow('this is not a program');
    expect(() => makeCalls(Int32Array.of(KERNELS.indexOf('relu'), 2, 0, 0), 0, 4)).toThrow(
      'a wrong number of arguments for kernel relu',
    );
    expect(() => makeCalls(Int32Array.of(KERNELS.indexOf('relu'), 3, 0, 0), 0, 4)).toThrow(
      'a wrong number of arguments for kernel relu',
    );
    expect(() => makeCalls(Int32Array.of(0, 0), 0, 9)).toThrow('expected an Int32Array and two places in it');
  });

  test('refuses to open for other kernels, or where there is no such set', () => {
    const addon = nativeAddon();
    if (typeof addon === 'string') throw new Error(addon);
    const bytes = new Uint8Array(memory.memory.buffer);
    expect(() => addon.open(0, [...KERNELS.slice(1), 'zeros'], bytes)).toThrow('built for other kernels');
    expect(() => addon.open(0, KERNELS.slice(1), bytes)).toThrow('built for other kernels');
    expect(() => addon.open(addon.sets.length, KERNELS, bytes)).toThrow('no such set of kernels');
  });
});
