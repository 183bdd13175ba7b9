import { KERNELS, type KernelName, MAX_ARGUMENTS } from './kernels.ts';

/** One kernel with its arguments. */
export type Call = readonly [kernel: KernelName, ...args: number[]];
/** Calls that one thread makes in their order. */
export type Task = readonly Call[];
/** Tasks that do not depend on each other; a phase begins when all tasks of the one before have ended. */
export type Phase = readonly Task[];
export type Program = readonly Phase[];

const KERNEL_NUMBERS = new Map<string, number>(KERNELS.map((name, number) => [name, number]));

/*
 * An encoded program is 32-bit words: the number of phases; for each phase how many tasks it has, which is next, and where their table
 * is; the tables of the words at which tasks begin, with the end of the last; the calls, each the kernel's number, the number of its
 * arguments and these.
 */
const PHASE_WORDS = 3;

export function encodeProgram(program: Program): Int32Array<SharedArrayBuffer> {
  const tables = 1 + PHASE_WORDS * program.length;
  const words = [program.length];
  let table = tables;
  for (const phase of program) {
    words.push(phase.length, 0, table);
    table += phase.length + 1;
  }
  const calls: number[] = [];
  for (const phase of program) {
    for (const task of phase) {
      words.push(table + calls.length);
      for (const [kernel, ...args] of task) calls.push(KERNEL_NUMBERS.get(kernel)!, args.length, ...args);
    }
    words.push(table + calls.length);
  }
  // The last call's arguments are read as if it had as many as a kernel can have.
  const length = table + calls.length + MAX_ARGUMENTS;
  const encoded = new Int32Array(new SharedArrayBuffer(4 * length));
  encoded.set(words);
  encoded.set(calls, table);
  return encoded;
}

export function phaseCount(program: Int32Array): number {
  return program[0]!;
}

/** Makes the program ready to run again. No thread may be running it. */
export function rewind(program: Int32Array): void {
  for (let phase = 0; phase < phaseCount(program); phase++) program[2 + PHASE_WORDS * phase] = 0;
}

/** Takes the next task of a phase that no thread has taken: where its calls begin and end, or undefined if none is left. */
export function takeTask(
  program: Int32Array,
  phase: number,
): readonly [begin: number, end: number] | undefined {
  const header = 1 + PHASE_WORDS * phase;
  const task = Atomics.add(program, header + 1, 1);
  if (task >= program[header]!) return undefined;
  const entry = program[header + 2]! + task;
  return [program[entry]!, program[entry + 1]!];
}
