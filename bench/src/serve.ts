/* The process of a contestant that runs on Node: `serve.ts CONTESTANT MATERIALS THREADS`. */
import { createInterface } from 'node:readline';
import { type Contestant, type OpenContestant, Unavailable } from './contestant.ts';
import { Materials } from './materials.ts';
import type { Reply, Request } from './protocol.ts';

const CONTESTANTS: Readonly<Record<string, () => Promise<OpenContestant>>> = {
  ours: async () => (await import('./contestants/ours.ts')).openOurs,
  'ours-tfjs': async () => (await import('./contestants/ours.ts')).openOurTfjs,
  onnxruntime: async () => (await import('./contestants/onnxruntime.ts')).openOnnxRuntime,
  'tfjs-wasm': async () => (await import('./contestants/tfjs-wasm.ts')).openTfjsWasm,
  'tfjs-node': async () => (await import('./contestants/tfjs-node.ts')).openTfjsNode,
  peak: async () => (await import('./contestants/peak.ts')).openPeak,
};

const [name = '', folder = '', threads = ''] = process.argv.slice(2);
// Standard output is for replies.
console.log = console.error;
console.info = console.error;

async function answer(contestant: Contestant, request: Request): Promise<Reply> {
  if (request.do === 'logits') return { logits: [...(await contestant.logits(request.task))] };
  const once = await contestant.prepare(request.task);
  if (request.warmUp > 0) await repeatFor(request.warmUp, once);
  return { samples: await repeatFor(request.duration, once) };
}

/** @returns the milliseconds that each repetition took */
async function repeatFor(duration: number, once: () => unknown): Promise<number[]> {
  const times: number[] = [];
  const begin = performance.now();
  do {
    const start = performance.now();
    await once();
    times.push(performance.now() - start);
  } while (performance.now() - begin < duration);
  return times;
}

function reply(message: Reply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

try {
  const open = await CONTESTANTS[name]!();
  const contestant = await open(new Materials(folder), Number(threads));
  reply({ ready: contestant.description });
  for await (const line of createInterface({ input: process.stdin })) {
    reply(await answer(contestant, JSON.parse(line) as Request));
  }
} catch (error) {
  reply(error instanceof Unavailable ? { unavailable: error.message } : { error: String(error) });
}
process.exit();
