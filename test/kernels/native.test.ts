import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { compileKernels } from '../../src/engine/simd/kernels/kernel-sets.ts';
import { type Addon, checked, loadAddon, nativeAddon } from '../../src/engine/simd/kernels/native/addon.ts';
import {
  type Call,
  type CallOf,
  KERNELS,
  type KernelName,
  signatureText,
} from '../../src/engine/simd/kernels/signatures.ts';
import { SharedMemory } from '../../src/engine/simd/memory.ts';
import { callsOf, encodeProgram } from '../../src/engine/simd/program.ts';
import { runPhase } from '../../src/engine/simd/run-phase.ts';
import { UserError } from '../../src/errors.ts';
import { ARENA_BYTES, Arena } from './arena.ts';
import { drawLists } from './reference/convolution.ts';
import { TESTS } from './references.ts';
import { MODULES } from './sets.ts';

const SOURCES = join(import.meta.dirname, '../../native');
const NATIVE = MODULES.filter(({ kernels }) => kernels.name.startsWith('native-'));

/** Builds a copy of the sources: a build that fails removes what was built before. */
async function build(...flags: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'native-'));
  const isSource = (path: string) => path === SOURCES || /\.(cc|h|mjs)$/.test(path);
  await cp(SOURCES, folder, { recursive: true, filter: isSource });
  await mkdir(join(folder, 'build'));
  const old = join(folder, 'build', 'kernels.node');
  await writeFile(old, 'built from other sources');
  const env = { ...process.env, CXX: '/no/such/compiler -O9' };
  const args = [join(folder, 'build.mjs'), ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  expect(existsSync(old)).toBe(false);
  return { status, stdout, stderr };
}

describe('without a compiler', () => {
  test('an installation ends well and says what computes', async () => {
    expect(await build('--if-possible')).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'native kernels: not built; there is no C++ compiler /no/such/compiler. WebAssembly computes instead.\n',
    });
  });

  test('a build that was asked for fails', async () => {
    expect((await build()).status).toBe(1);
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

  test('is one of another version, or of no use to this processor', () => {
    const sets = [{ name: 'neon', lanes: 4, denseChannels: 4, denseTaps: 5, sparseRows: 6 }] as const;
    const open = () => () => {};
    const signatures = KERNELS.map(signatureText);
    expect(checked({ sets, kernels: signatures, open })).toMatchObject({ sets });
    const [first, ...others] = signatures;
    for (const kernels of [others, [...others, first!], [`${first} more`, ...others], undefined])
      expect(checked({ sets, open, ...(kernels && { kernels }) })).toMatch(
        /^they are of another version; "npm run/,
      );
    expect(checked({ sets: [], open })).toMatch(/^this processor has none of the instruction sets/);
  });

  test('is named where native kernels are asked for, with the way out', async () => {
    vi.resetModules();
    vi.doMock('../../src/engine/simd/kernels/native/addon.ts', () => ({
      nativeAddon: () => 'it is raining',
    }));
    try {
      const { compileKernels: compile, kernelSetNamed: named } = await import(
        '../../src/engine/simd/kernels/kernel-sets.ts'
      );
      const { UserError: Refusal } = await import('../../src/errors.ts');
      expect(() => compile(true, 'native')).toThrow(
        new Refusal(
          'engine',
          'native kernels cannot be used: it is raining',
          'Choose --kernels=wasm, which needs nothing.',
        ),
      );
      expect(compile(true, 'auto').kernels.name).toBe('wasm');
      expect(() => named('native-avx2')).toThrow('native kernels cannot be used: it is raining');
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

test.runIf(process.env.EXPECT_NATIVE)('this machine has native kernels', () => {
  expect(nativeAddon()).toBeTypeOf('object');
});

/** The addresses that each kernel writes to. */
const WRITTEN: { readonly [Name in KernelName]: readonly Exclude<keyof CallOf<Name>, 'kernel'>[] } = {
  add: ['y'],
  clearRowEnds: ['target'],
  convDense: ['y'],
  convSparse: ['y'],
  copyStrided: ['target'],
  descend: ['weights', 'average', 'squares', 'total'],
  gatherDense: ['gradient'],
  gatherSparse: ['gradient'],
  listSurvivors: ['pairs', 'indices', 'counts'],
  lrn: ['y', 'scratch'],
  lrnGradient: ['dx', 'scratch'],
  matMul: ['y'],
  maxPool: ['y', 'argmax'],
  maxPoolGradient: ['dx'],
  maxPoolValues: ['y'],
  multiply: ['y'],
  narrowSparse: ['y'],
  packDense: ['target'],
  packSparse: ['pairs'],
  relu: ['y'],
  reluGradient: ['d'],
  softmax: ['values'],
  softmaxCrossEntropy: ['gradient', 'loss', 'hits'],
  sumPlanes: ['sums'],
  sumSlices: ['target'],
  transpose: ['target'],
  weightGradientDense: ['gradient'],
  weightGradientSparse: ['gradient', 'partials'],
};
const CASES = KERNELS.flatMap((kernel) => WRITTEN[kernel].map((address) => ({ kernel, address })));

describe.each(NATIVE)('$target, $build', ({ kernels }) => {
  const addon = nativeAddon() as Addon;
  const memory = new SharedMemory(kernels);
  // Room behind what calls are told to be all of the memory.
  const free = memory.size;
  memory.allocate(3 * ARENA_BYTES);
  memory.release(free);
  const place = memory.allocate(64);
  const makeCalls = addon.open(
    addon.sets.findIndex(({ name }) => kernels.name === `native-${name}`),
    new Uint8Array(memory.memory.buffer),
  );
  const run = (call: Call, bytes = memory.memory.buffer.byteLength) => {
    const program = encodeProgram([[[call]]]);
    runPhase((words, begin, end) => makeCalls(words, begin, end, bytes), program, callsOf(program, 0), 0);
  };

  test.each(CASES)('$kernel writes nothing behind the memory from $address on', ({ kernel, address }) => {
    let refused = 0;
    const property = fc.property(fc.gen(), (generator) => {
      const arena = new Arena(memory, generator);
      const bytes = memory.size + ARENA_BYTES;
      const drawn: Call = TESTS[kernel].draw(arena, kernels);
      const call = { ...drawn, [address]: bytes - 4 * arena.integer(0, 8) };
      const behind = memory.bytes(bytes, ARENA_BYTES);
      behind.fill(0xa5);
      try {
        run(call, bytes);
      } catch (error) {
        expect((error as Error).message).toContain(`beyond the memory: ${kernel} `);
        refused++;
      }
      expect(behind.every((byte) => byte === 0xa5)).toBe(true);
    });
    fc.assert(property, { numRuns: 20 });
    expect(refused).toBeGreaterThan(0);
  });

  test('follows no list that is longer than its room', () => {
    const counts = memory.place(Uint32Array.of(9));
    const lists = { pairs: place, pairsStride: 64, counts, channels: 1 };
    expect(() =>
      run({ kernel: 'packSparse', weights: place, indices: place, firstChannel: 0, ...lists }),
    ).toThrow('packSparse');
    const grid = { images: 1, rows: 1, columns: 1, xImage: 0, dyImage: 0, xRow: 0, dyRow: 0, dyPlane: 0 };
    const places = { x: place, dy: place, partials: place, gradient: place, accumulate: 0 };
    expect(() => run({ kernel: 'weightGradientSparse', ...grid, ...places, ...lists })).toThrow(
      'weightGradientSparse',
    );
  });

  test('computes no more images than it has been checked for', () => {
    const bytes = memory.size + ARENA_BYTES;
    const places = { logits: place, labels: place, scale: place, loss: place, hits: place };
    const sizes = { images: 1000, columns: 0, classes: 1, row: 64 };
    const gradient = bytes - 64;
    expect(() => run({ kernel: 'softmaxCrossEntropy', ...places, ...sizes, gradient }, bytes)).toThrow(
      'softmaxCrossEntropy',
    );
  });

  test('divides by no stride of 0', () => {
    const image = {
      x: place,
      y: place,
      planes: 1,
      rows: 1,
      columns: 1,
      xPlane: 64,
      xRow: 64,
      yPlane: 64,
      yRow: 64,
    };
    const windows = { outRows: 1, outColumns: 1, top: 0, left: 0 };
    expect(() => run({ kernel: 'maxPool', ...image, ...windows, argmax: place, size: 1, stride: 0 })).toThrow(
      'maxPool',
    );
    const steps = { height: 1, width: 1, down: 1, right: 0 };
    expect(() => run({ kernel: 'maxPoolValues', ...image, ...windows, ...steps })).toThrow('maxPoolValues');
  });

  test('says which window holds a NaN', () => {
    const x = memory.place(Float32Array.of(1, Number.NaN, 3, ...Array(13).fill(0)));
    const image = { x, y: place, planes: 1, rows: 1, columns: 3, xPlane: 64, xRow: 64, yPlane: 64, yRow: 64 };
    const windows = { outRows: 1, outColumns: 2, top: 0, left: 0, height: 1, width: 2, down: 1, right: 1 };
    run({ kernel: 'maxPoolValues', ...image, ...windows });
    expect([...memory.floats(place, 2)]).toEqual([Number.NaN, Number.NaN]);
  });

  test('gives a vector of its own the bits that it has among others', () => {
    // 49 to 64 images fill a block's vectors one by one: `convSparse` takes up to four at once, `narrowSparse` one.
    fc.assert(
      fc.property(fc.gen(), (generator) => {
        const arena = new Arena(memory, generator);
        const lists = drawLists(arena, 11);
        const x = arena.floats(400 + 4 * kernels.lanes);
        const shared = { x, bias: arena.floats(11), floor: arena.floats(1, () => Number.NEGATIVE_INFINITY) };
        const { taps: _, ...pairs } = lists;
        const [wide, narrow] = [16 * kernels.lanes, 4 * kernels.lanes].map((bytes) => ({
          y: arena.room(11 * bytes),
          yPlane: bytes,
        }));
        const columns = 4 * kernels.lanes;
        run({ kernel: 'convSparse', ...shared, ...pairs, ...wide!, rows: 1, columns, xRow: 0, yRow: 0 });
        run({ kernel: 'narrowSparse', ...shared, ...pairs, ...narrow!, shift: 0 });
        for (let channel = 0; channel < 11; channel++)
          expect(memory.floats(narrow!.y + channel * narrow!.yPlane, kernels.lanes)).toEqual(
            memory.floats(wide!.y + channel * wide!.yPlane, kernels.lanes),
          );
      }),
      { numRuns: 20 },
    );
  });

  test('refuses what is no program', () => {
    const bytes = memory.memory.buffer.byteLength;
    const relu = KERNELS.indexOf('relu');
    const refusal = (words: number[], end: number, expected: string, size = bytes) => {
      expect(() => makeCalls(Int32Array.from(words), 0, end, size)).toThrow(expected);
    };
    refusal([KERNELS.length, 0], 2, 'this is not a program');
    refusal([relu, 2, 0, 0], 4, 'a wrong number of arguments: relu x y count');
    refusal([relu, 3, 0, 0], 4, 'a wrong number of arguments: relu x y count');
    refusal([0, 0], 9, 'expected an Int32Array');
    refusal([0, 0], 2, 'the size of the memory', Number.NaN);
    expect(() => addon.open(addon.sets.length, new Uint8Array(memory.memory.buffer))).toThrow(
      'no such set of kernels',
    );
  });
});
