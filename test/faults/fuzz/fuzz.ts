import fc from 'fast-check';
import { UserError } from '../../../src/errors.ts';
import { drawsOf } from '../../runtime/mutations.ts';
import { fileTargets } from './file-targets.ts';
import { graphTargets } from './graph-targets.ts';
import { runTargets } from './run-targets.ts';
import type { Target } from './target.ts';

export const TARGETS: Readonly<Record<string, Target>> = { ...graphTargets, ...fileTargets, ...runTargets };

const SLOWEST_SECONDS = 2;
const MOST_MEMORY = 2 ** 29;
const LONGEST_MESSAGE = 1000;
const MOST_DAMAGES = 4;

export interface Fuzzed {
  readonly cases: number;
  readonly refused: number;
  /** The smallest input that was found to be answered wrongly, and how. */
  readonly failure?: { readonly bytes: Uint8Array; readonly error: unknown } | undefined;
}

/** Cases for each target: those that take long get fewer. */
export function shares(cases: number, names: readonly string[]): Map<string, number> {
  const weight = (name: string) => 1 / (TARGETS[name]!.slowness ?? 1);
  const total = names.reduce((sum, name) => sum + weight(name), 0);
  return new Map(names.map((name) => [name, Math.ceil((cases * weight(name)) / total)]));
}

/** Gives a reader damaged inputs; the same ones for the same seed. */
export async function fuzz(
  name: string,
  { cases, seed }: { readonly cases: number; readonly seed: number },
  onCase: () => void = () => {},
): Promise<Fuzzed> {
  const target = TARGETS[name]!;
  let refused = 0;
  const recipe = fc.tuple(
    fc.nat(target.whole.length - 1),
    fc.array(fc.nat(), { minLength: 1, maxLength: MOST_DAMAGES }),
  );
  const property = fc.asyncProperty(recipe, async (drawn) => {
    onCase();
    if ((await answer(target, damaged(target, drawn))) === 'refused') refused++;
  });
  const { failed, counterexample, errorInstance, numRuns } = await fc.check(property, {
    numRuns: cases,
    seed,
  });
  if (!failed) return { cases: numRuns, refused };
  return {
    cases: numRuns,
    refused,
    failure: { bytes: damaged(target, counterexample![0]), error: errorInstance },
  };
}

function damaged(target: Target, [which, damages]: [number, number[]]): Uint8Array {
  return damages.reduce(
    (bytes, each) => target.damage(bytes, drawsOf(each * 2654435761)),
    target.whole[which]!,
  );
}

/** @throws what the reader should not have thrown, or because it took too much */
export async function answer({ read }: Target, bytes: Uint8Array): Promise<'read' | 'refused'> {
  const memory = process.resourceUsage().maxRSS;
  const began = process.cpuUsage();
  let outcome: 'read' | 'refused' = 'read';
  try {
    await read(bytes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const told = `${error.message}${error.hint ?? ''}`;
    if (told.length > LONGEST_MESSAGE)
      throw new Error(`a message of ${told.length} characters: ${told.slice(0, 200)}`);
    if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(told)) throw new Error(`not printable: ${JSON.stringify(told)}`);
    outcome = 'refused';
  }
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1e6;
  if (seconds > SLOWEST_SECONDS) throw new Error(`took ${seconds} seconds`);
  const grown = (process.resourceUsage().maxRSS - memory) * 1024;
  if (grown > MOST_MEMORY) throw new Error(`took ${grown} bytes of memory`);
  return outcome;
}
