import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type Contestant, Unavailable } from '../contestant.ts';
import type { Materials } from '../materials.ts';
import { PEAK_ROUNDS } from '../task.ts';

/** Positions in the shared words: how often the workers have been woken, and how many are still computing. */
const [WOKEN, COMPUTING] = [0, 1];

/** Where the workers wait for their turn; a plain script, so that no thread loads more than it needs. */
const WORKER = `
  const { workerData: { module, words, rounds } } = require('node:worker_threads');
  const { multiplyAdds } = new WebAssembly.Instance(module).exports;
  for (let turn = 0; ; turn++) {
    while (Atomics.load(words, ${WOKEN}) === turn) Atomics.wait(words, ${WOKEN}, turn);
    multiplyAdds(rounds);
    if (Atomics.sub(words, ${COMPUTING}, 1) === 1) Atomics.notify(words, ${COMPUTING});
  }`;

/** What the machine can do at most in WebAssembly: multiply-adds that never leave the registers. */
export async function openPeak(_: Materials, threads: number): Promise<Contestant> {
  const bytes = new Uint8Array(readFileSync(new URL('../../dist/peak.wasm', import.meta.url)));
  // Node 20 has relaxed SIMD behind this flag.
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!WebAssembly.validate(bytes)) throw new Unavailable('this Node has no relaxed SIMD');
  const module = new WebAssembly.Module(bytes);
  const { multiplyAdds } = new WebAssembly.Instance(module, {} as never).exports as unknown as {
    multiplyAdds: (rounds: number) => number;
  };
  const words = new Int32Array(new SharedArrayBuffer(8));
  const workerData = { module, words, rounds: PEAK_ROUNDS };
  const workers = Array.from({ length: threads - 1 }, () => new Worker(WORKER, { eval: true, workerData }));
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));

  const computeOnAllThreads = () => {
    Atomics.store(words, COMPUTING, workers.length);
    Atomics.add(words, WOKEN, 1);
    Atomics.notify(words, WOKEN);
    multiplyAdds(PEAK_ROUNDS);
    for (let left = Atomics.load(words, COMPUTING); left > 0; left = Atomics.load(words, COMPUTING))
      Atomics.wait(words, COMPUTING, left);
  };
  return {
    description: `multiply-adds on ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    prepare: async () => computeOnAllThreads,
    logits: async () => {
      throw new Error('not a task of this contestant');
    },
  };
}
