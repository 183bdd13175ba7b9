import {
  type ArgumentKind,
  type Call,
  KERNELS,
  type KernelName,
  type Parameter,
  parametersOf,
} from './signatures.ts';

/** Addresses from here on are thread-local: THREAD_MEMORY + n is byte n of each thread's own memory. */
export const THREAD_MEMORY = 2 ** 40;

/** The words before a call's arguments: the kernel's number, and the number of arguments. */
const CALL_HEADER_WORDS = 2;

const LARGEST: Readonly<Record<ArgumentKind, number>> = {
  address: 2 ** 32 - 1,
  bytes: 2 ** 32 - 1,
  count: 2 ** 31 - 1,
  shift: 31,
  flag: 1,
};

interface Encoding {
  readonly number: number;
  readonly parameters: readonly (Parameter & { readonly largest: number })[];
}

const ENCODINGS: ReadonlyMap<KernelName, Encoding> = new Map(
  KERNELS.map((kernel, number) => {
    const parameters = parametersOf(kernel).map(({ name, kind }) => ({ name, kind, largest: LARGEST[kind] }));
    return [kernel, { number, parameters }];
  }),
);

/** Number of words that a call takes. */
export function callWords({ kernel }: Call): number {
  return CALL_HEADER_WORDS + ENCODINGS.get(kernel)!.parameters.length;
}

/**
 * Writes a call from word `at` on.
 *
 * @param threadOffset address of thread 0's own memory
 * @param threadLocal receives the index of each word that is a thread-local address
 * @returns the index of the word after the call
 * @throws Error if an argument is not a whole number or is out of its kind's range
 */
export function encodeCall(
  call: Call,
  words: Int32Array,
  at: number,
  threadOffset: number,
  threadLocal: number[],
): number {
  const { number, parameters } = ENCODINGS.get(call.kernel)!;
  const values = call as unknown as Readonly<Record<string, number>>;
  words[at] = number;
  words[at + 1] = parameters.length;
  let word = at + CALL_HEADER_WORDS;
  for (const parameter of parameters) {
    let value = values[parameter.name]!;
    if (value >= THREAD_MEMORY && parameter.kind === 'address') {
      threadLocal.push(word);
      value += threadOffset - THREAD_MEMORY;
    }
    if (value >>> 0 !== value || value > parameter.largest) throw invalid(call, parameter);
    words[word++] = value;
  }
  return word;
}

function invalid(call: Call, { name, kind }: Parameter): Error {
  const value = (call as unknown as Readonly<Record<string, number>>)[name];
  return new Error(
    `kernel ${call.kernel}: ${name} is ${value}; expected ${kind}, a whole number from 0 to ${LARGEST[kind]}`,
  );
}
