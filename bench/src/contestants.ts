import { SPARSITIES, type Task } from './task.ts';

/** A library with a number of threads: a process of its own. */
export interface ContestantSpec {
  readonly library: string;
  readonly threads: number;
  /** A module of `src/contestants` or a script of `python`. */
  readonly runsOn: 'node' | 'python';
  readonly tasks: readonly Task[];
}

export const OURS = 'ours';
export const PEAK = 'peak';

const BATCHES = [128, 1];
/** Who multiplies by zeros takes as long at any sparsity; two show that it is so. */
const DENSE_AND_SPARSE = [0, 0.9];

const steps = (sparsities: readonly number[]) =>
  sparsities.map((sparsity): Task => ({ kind: 'step', sparsity }));
const inference = (sparsities: readonly number[]) =>
  BATCHES.flatMap((batch) => sparsities.map((sparsity): Task => ({ kind: 'inference', sparsity, batch })));

/**
 * All that is measured.
 *
 * @param threads as many as there are cores
 * @param pruningSparsities where the steps of a whole schedule are timed
 */
export function contestants(threads: number, pruningSparsities: readonly number[]): ContestantSpec[] {
  const pruning = pruningSparsities.map((sparsity): Task => ({ kind: 'pruning', sparsity }));
  const all = (library: string, runsOn: 'node' | 'python', ...tasks: Task[][]) => ({
    library,
    threads,
    runsOn,
    tasks: tasks.flat(),
  });
  const one = (library: string, runsOn: 'node' | 'python', ...tasks: Task[][]) => ({
    ...all(library, runsOn, ...tasks),
    threads: 1,
  });
  const dense = inference(DENSE_AND_SPARSE);
  return [
    all(PEAK, 'node', [{ kind: 'peak' }]),
    one(PEAK, 'node', [{ kind: 'peak' }]),
    all(OURS, 'node', steps(SPARSITIES), inference(SPARSITIES), pruning),
    one(OURS, 'node', inference(SPARSITIES)),
    all('tensorflow', 'python', steps(DENSE_AND_SPARSE), dense),
    one('tensorflow', 'python', dense),
    all('pytorch', 'python', steps(DENSE_AND_SPARSE), dense),
    one('pytorch', 'python', dense),
    all('onnxruntime', 'node', dense),
    one('onnxruntime', 'node', dense),
    all('tfjs-node', 'node', steps(DENSE_AND_SPARSE), dense),
    // Under Node the wasm backend has no threads.
    one('ours-tfjs', 'node', steps([0]), inference([0])),
    one('tfjs-wasm', 'node', steps([0]), inference([0])),
  ];
}
