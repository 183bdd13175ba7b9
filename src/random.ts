import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A reproducible source of random numbers. */
export interface RandomStream {
  /** A float64 uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** An integer uniform in [0, count). */
  integer(count: number): number;
  /** A float64 from the standard normal distribution (Box and Muller, 1958). */
  normal(): number;
}

/**
 * The stream of random numbers for `seed` and `path`, for example `randomStream(seed, 'augment', step)`. Equal arguments give the
 * same numbers on every machine, different arguments give unrelated numbers. So what is drawn at a step does not depend on what was
 * drawn before.
 *
 * @param seed any safe integer
 */
export function randomStream(seed: number, ...path: readonly (string | number)[]): RandomStream {
  const generator = xoroshiro128plus(hash([seed, ...path].join('/')));
  const uniform = (low: number, high: number) => low + (high - low) * uniformFloat64(generator);
  return {
    uniform,
    integer: (count) => uniformInt(generator, 0, count - 1),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform(0, 1))) * Math.cos(2 * Math.PI * uniform(0, 1)),
  };
}

/** FNV-1a over UTF-16 code units, then MurmurHash3's finalizer, so that similar texts give unrelated 32-bit seeds. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
