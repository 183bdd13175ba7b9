import { KERNELS, type KernelName, MAX_ARGUMENTS } from './kernels.ts';

/** One kernel with its arguments. */
export type Call = readonly [kernel: KernelName, ...args: number[]];
/** Calls that one thread makes in their order. */
export type Task = readonly Call[];
/** Tasks that do not depend on each other; a phase begins when all tasks of the one before have ended. */
export type Phase = readonly Task[];
export type Program = readonly Phase[];

const KERNEL_NUMBERS = new Map<string, number>(KERNELS.map((name, number) => [name, number]));

/** An argument of LANE_MEMORY + n is the offset n in memory of which each lane has a part of its own. */
export const LANE_MEMORY = 2 ** 40;

/** Where the lanes' own parts are. */
export interface LaneMemory {
  readonly offset: number;
  /** Bytes from one lane's part to the next one's. */
  readonly step: number;
}

/*
 * An encoded program is 32-bit words: the number of phases; the step of the lanes' memory; where the table of the arguments in it is;
 * for each phase how many tasks it has, which is next, and where their table is; the tables of the words at which tasks begin, with the
 * end of the last; the calls, each the kernel's number, the number of its arguments and these; the number of arguments in the lanes'
 * memory and where each one is.
 */
const HEADER_WORDS = 3;
const PHASE_WORDS = 3;

export function encodeProgram(
  program: Program,
  lanes: LaneMemory = { offset: 0, step: 0 },
): Int32Array<SharedArrayBuffer> {
  const tables = HEADER_WORDS + PHASE_WORDS * program.length;
  const words = [program.length, lanes.step, 0];
  let table = tables;
  for (const phase of program) {
    words.push(phase.length, 0, table);
    table += phase.length + 1;
  }
  const calls: number[] = [];
  const own: number[] = [];
  for (const phase of program) {
    for (const task of phase) {
      words.push(table + calls.length);
      for (const [kernel, ...args] of task) {
        calls.push(KERNEL_NUMBERS.get(kernel)!, args.length);
        for (const argument of args) {
          const isOwn = argument >= LANE_MEMORY;
          if (isOwn) own.push(table + calls.length);
          calls.push(isOwn ? argument - LANE_MEMORY + lanes.offset : argument);
        }
      }
    }
    words.push(table + calls.length);
  }
  // The last call's arguments are read as if it had as many as a kernel can have.
  const ownTable = table + calls.length + MAX_ARGUMENTS;
  const encoded = new Int32Array(new SharedArrayBuffer(4 * (ownTable + 1 + own.length)));
  words[2] = ownTable;
  encoded.set(words);
  encoded.set(calls, table);
  encoded.set([own.length, ...own], ownTable);
  return encoded;
}

/** The program whose calls a lane makes: a copy that has the offsets of the lane's own memory, where any of them is used. */
export function callsOf(program: Int32Array, lane: number): Int32Array {
  const [step, ownTable] = [program[1]!, program[2]!];
  const count = program[ownTable]!;
  if (count === 0) return program;
  const calls = Int32Array.from(program);
  for (const word of program.subarray(ownTable + 1, ownTable + 1 + count)) calls[word]! += lane * step;
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
