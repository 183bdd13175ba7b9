import { callWords, encodeCall } from './kernels/encode-call.ts';
import { type Call, MAX_ARGUMENTS } from './kernels/signatures.ts';

export type { Call };
/** Calls that one thread makes in their order. */
export type Task = readonly Call[];
/** Tasks that do not depend on each other; a phase begins when all tasks of the one before have ended. */
export type Phase = readonly Task[];
export type Program = readonly Phase[];

/** Where the memory is that the threads have to themselves. */
export interface ThreadMemory {
  readonly offset: number;
  /** Bytes from one thread's part to the next one's. */
  readonly stride: number;
}

/*
 * An encoded program is 32-bit words: the number of phases; the stride of the threads' memory; where the table of thread-local addresses
 * is; for each phase how many tasks it has, which is next, and where their table is; the tables of the words at which tasks begin, with the
 * end of the last; the calls, each the kernel's number, the number of its arguments and these; the number of thread-local addresses and
 * the word of each.
 */
const HEADER_WORDS = 3;
const PHASE_WORDS = 3;

/** @throws Error on an argument that does not fit its kernel's signature */
export function encodeProgram(
  program: Program,
  threads: ThreadMemory = { offset: 0, stride: 0 },
): Int32Array<SharedArrayBuffer> {
  const tables = HEADER_WORDS + PHASE_WORDS * program.length;
  const firstCall = program.reduce((words, phase) => words + phase.length + 1, tables);
  const words = new Int32Array(program.reduce((end, phase) => end + phaseWords(phase), firstCall));
  const threadLocal: number[] = [];
  let [header, table, call] = [HEADER_WORDS, tables, firstCall];
  for (const phase of program) {
    words.set([phase.length, 0, table], header);
    header += PHASE_WORDS;
    for (const task of phase) {
      words[table++] = call;
      for (const each of task) call = encodeCall(each, words, call, threads.offset, threadLocal);
    }
    words[table++] = call;
  }
  // The last call's arguments are read as if it had as many as a kernel can have.
  const threadTable = words.length + MAX_ARGUMENTS;
  words.set([program.length, threads.stride, threadTable]);
  const encoded = new Int32Array(new SharedArrayBuffer(4 * (threadTable + 1 + threadLocal.length)));
  encoded.set(words);
  encoded.set([threadLocal.length, ...threadLocal], threadTable);
  return encoded;
}

function phaseWords(phase: Phase): number {
  let words = 0;
  for (const task of phase) for (const call of task) words += callWords(call);
  return words;
}

/** The program as a thread runs it: a copy that has the addresses of the thread's own memory, where any of them is used. */
export function callsOf(program: Int32Array, thread: number): Int32Array {
  const [stride, threadTable] = [program[1]!, program[2]!];
  const count = program[threadTable]!;
  if (count === 0) return program;
  const calls = Int32Array.from(program);
  for (const word of program.subarray(threadTable + 1, threadTable + 1 + count))
    calls[word]! += thread * stride;
  return calls;
}

export function phaseCount(program: Int32Array): number {
  return program[0]!;
}

/** Makes the program ready to run again. No thread may be running it. */
export function rewind(program: Int32Array): void {
  for (let phase = 0; phase < phaseCount(program); phase++)
    program[HEADER_WORDS + PHASE_WORDS * phase + 1] = 0;
}

/** Takes the next task of a phase that no thread has taken: where its calls begin and end, or undefined if none is left. */
export function takeTask(
  program: Int32Array,
  phase: number,
): readonly [begin: number, end: number] | undefined {
  const header = HEADER_WORDS + PHASE_WORDS * phase;
  const task = Atomics.add(program, header + 1, 1);
  if (task >= program[header]!) return undefined;
  const entry = program[header + 2]! + task;
  return [program[entry]!, program[entry + 1]!];
}
