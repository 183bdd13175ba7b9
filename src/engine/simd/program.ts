import { callWords, encodeCall } from './kernels/encode-call.ts';
import { type Call, MAX_ARGUMENTS } from './kernels/signatures.ts';

export type { Call };
/** Calls that one thread makes, in order. */
export type Task = readonly Call[];
/** Tasks that do not depend on each other. A phase begins when all tasks of the phase before it have ended. */
export type Phase = readonly Task[];
export type Program = readonly Phase[];

/** Where the threads' own memory lies: thread n has the `stride` bytes from offset + n * stride on. */
export interface ThreadMemory {
  readonly offset: number;
  readonly stride: number;
}

/*
 * An encoded program is an array of 32-bit words. Its parts, in order:
 *
 * - a header: the number of phases, the stride of the threads' own memory, and the word at which the table of thread-local addresses begins
 * - for each phase: its number of tasks, the number of the next task to take, and the word at which its table of tasks begins
 * - for each phase its table of tasks: the word at which each task's calls begin, then the word at which the last task's calls end
 * - the calls: the kernel's number, the number of arguments, the arguments
 * - MAX_ARGUMENTS zeros
 * - the table of thread-local addresses: their number, then the word at which each of them lies
 */
const HEADER_WORDS = 3;
const PHASE_WORDS = 3;

/** Encodes a program for `runPhase`. @throws Error on an argument that does not fit its kernel's signature */
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
  // `callerOf` reads MAX_ARGUMENTS words for every call, so there must be as many behind the last one.
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

/** The program for one thread: a copy with addresses in that thread's own memory, or the program itself if no call uses such memory. */
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

/** Makes all tasks available again. No thread may be running the program. */
export function rewind(program: Int32Array): void {
  for (let phase = 0; phase < phaseCount(program); phase++)
    program[HEADER_WORDS + PHASE_WORDS * phase + 1] = 0;
}

/** Takes the next free task of a phase. Returns the words at which its calls begin and end; undefined if no task is left. */
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
