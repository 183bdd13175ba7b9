import type { MakeCalls } from '../kernel-set.ts';
import { KERNELS, type KernelName } from '../signatures.ts';

type Kernel = (...args: number[]) => void;
export type Kernels = Readonly<Record<KernelName, Kernel>>;

/** Returns a function that decodes calls and makes them. */
export function callerOf(exported: Kernels): MakeCalls {
  const kernels = KERNELS.map((name) => exported[name]);
  return (words, begin, end) => {
    for (let word = begin; word < end; word += 2 + words[word + 1]!)
      call(kernels[words[word]!]!, words, word + 2);
  };
}

/** Passes MAX_ARGUMENTS words; kernels ignore the surplus. A fixed number of arguments is ten times as fast as spreading an array. */
function call(kernel: Kernel, p: Int32Array, a: number): void {
  kernel(
    p[a]!,
    p[a + 1]!,
    p[a + 2]!,
    p[a + 3]!,
    p[a + 4]!,
    p[a + 5]!,
    p[a + 6]!,
    p[a + 7]!,
    p[a + 8]!,
    p[a + 9]!,
    p[a + 10]!,
    p[a + 11]!,
    p[a + 12]!,
    p[a + 13]!,
    p[a + 14]!,
    p[a + 15]!,
    p[a + 16]!,
  );
}
