import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Control } from '../../../src/engine/simd/control.ts';
import { compileKernels } from '../../../src/engine/simd/kernels/kernel-sets.ts';
import { SharedMemory } from '../../../src/engine/simd/memory.ts';
import type { Call, Program } from '../../../src/engine/simd/program.ts';
import { Team } from '../../../src/engine/simd/team.ts';
import { UserError } from '../../../src/errors.ts';

const BEYOND_MEMORY = 0xffff_0000;

const teams: Team[] = [];
afterEach(() => Promise.all(teams.splice(0).map((team) => team.dispose())));

function teamOf(threads: number) {
  const module = compileKernels(true);
  const shared = new SharedMemory(module.kernels);
  const team = new Team(module, shared.memory, threads);
  teams.push(team);
  return { team, shared };
}

/** Each phase copies the value of the one before to every task's own place, which only works in order. */
function relay(shared: SharedMemory, phases: number, tasks: number): { program: Program; last: number[] } {
  let from = Array.from({ length: tasks }, () => shared.place(Float32Array.of(7)));
  const program = Array.from({ length: phases }, () => {
    const to = from.map(() => shared.allocate(4));
    // Every task reads what another one has written in the phase before.
    const calls = to.map((target, i): Call[] => [
      { kernel: 'sumSlices', slices: from[(i + 1) % tasks]!, slice: 0, sliceCount: 1, target, count: 1 },
    ]);
    from = to;
    return calls;
  });
  return { program, last: from };
}

describe('the control of a team', () => {
  it('lets threads go on sleeping when they are woken before a phase has ended', () => {
    const control = Control.forThreads(2);
    const phase = control.arrive();
    // A thread that is late with waking the sleepers of the phase before.
    const late = new Worker(
      `const { words } = require('node:worker_threads').workerData;
       for (let i = 0; i < 20; i++) { Atomics.wait(words, 0, 0, 10); Atomics.notify(words, 3); }`,
      { eval: true, workerData: { words: control.words } },
    );
    expect(control.awaitPhase(phase, 150)).toBe(false);
    control.arrive();
    expect(control.awaitPhase(phase, 0)).toBe(true);
    return late.terminate();
  });
});

describe('a team of threads', () => {
  it.each([1, 2, 3])('runs every task of every phase once and in order on %i threads', async (threads) => {
    const { team, shared } = teamOf(threads);
    const { program, last } = relay(shared, 30, 11);
    const loaded = team.load(program);
    for (let run = 0; run < 20; run++) {
      for (const place of last) shared.floats(place, 1)[0] = 0;
      await team.run(loaded);
      expect(last.map((place) => shared.floats(place, 1)[0])).toEqual(last.map(() => 7));
    }
  });

  it('counts each task once, however many threads there are', async () => {
    const { team, shared } = teamOf(3);
    const one = shared.place(Float32Array.of(1, 0, 0, 0));
    const sums = Array.from({ length: 500 }, () => shared.allocate(16));
    const shape = { planes: 1, rows: 1, columns: 1, plane: 16, row: 16 };
    const program = team.load([
      sums.map((sum): Call[] => [{ kernel: 'sumPlanes', source: one, sums: sum, ...shape, accumulate: 1 }]),
    ]);
    for (let run = 1; run <= 5; run++) {
      await team.run(program);
      expect(new Set(sums.map((sum) => shared.floats(sum, 1)[0]))).toEqual(new Set([run]));
    }
  });

  it('runs a program without phases, too, and stays together', async () => {
    const { team, shared } = teamOf(2);
    const { program, last } = relay(shared, 3, 4);
    const [empty, full] = [team.load([]), team.load(program)];
    for (let run = 0; run < 20; run++) {
      await team.run(empty);
      await team.run(full);
    }
    expect(shared.floats(last[0]!, 1)[0]).toBe(7);
  });

  it('sees memory that grew after its threads had started', async () => {
    const { team, shared } = teamOf(2);
    await team.run(team.load(relay(shared, 3, 4).program));
    const far = shared.allocate(50_000_000) + 49_999_996;
    const seven = shared.place(Float32Array.of(7));
    const copy: Call = {
      kernel: 'sumSlices',
      slices: seven,
      slice: 0,
      sliceCount: 1,
      target: far,
      count: 1,
    };
    await team.run(team.load(Array.from({ length: 8 }, () => [[copy]])));
    expect(shared.floats(far, 1)[0]).toBe(7);
  });

  it.each([1, 2])(
    'ends with an error, not a hang, when a kernel fails on one of %i threads',
    async (threads) => {
      const { team, shared } = teamOf(threads);
      const fine = team.load(relay(shared, 2, 3).program);
      await team.run(fine);
      const failing = team.load([
        Array.from({ length: 8 }, (): Call[] => [
          { kernel: 'reluGradient', d: BEYOND_MEMORY, y: BEYOND_MEMORY, count: 4 },
        ]),
        ...relay(shared, 2, 3).program,
      ]);
      const failure = expect(team.run(failing)).rejects;
      await failure.toThrow(UserError);
      await expect(team.run(fine)).rejects.toThrow(/a computing thread failed: memory access out of bounds/);
    },
  );

  it('ends with an error, not a hang, when a thread dies during a run', async () => {
    const { team, shared } = teamOf(3);
    const { program } = relay(shared, 2, 3);
    await team.run(team.load(program));
    const large = shared.allocate(4_000_000);
    const slow: Program = Array.from({ length: 2000 }, () =>
      Array.from({ length: 3 }, (): Call[] => [
        { kernel: 'reluGradient', d: large, y: large, count: 1_000_000 },
      ]),
    );
    const running = expect(team.run(team.load(slow))).rejects.toThrow(/a computing thread failed: it ended/);
    await team.workers[1]!.terminate();
    await running;
  });

  it('ends with an error when a thread has died between runs', async () => {
    const { team, shared } = teamOf(2);
    const program = team.load(relay(shared, 2, 3).program);
    await team.run(program);
    await team.workers[0]!.terminate();
    await expect(team.run(program)).rejects.toThrow(/a computing thread failed/);
  });

  it('refuses to run once disposed of', async () => {
    const { team, shared } = teamOf(2);
    const program = team.load(relay(shared, 2, 3).program);
    await team.dispose();
    await expect(team.run(program)).rejects.toThrow(/disposed/);
  });
});
