import type { Structure } from '../../src/pruning/structure.ts';

/**
 * At a sparsity of 1 - N/M, N of M successive inputs survive for each output; of equal scores the first.
 *
 * @param shape [..., inputs, outputs]
 */
export function nOfM(shape: readonly number[], m: number): Structure {
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  return {
    pool([scores]) {
      const ranks = new Float32Array(scores!.length);
      for (let input = 0; input < scores!.length / outputs; input += Math.min(m, inputs - (input % inputs)))
        for (let output = 0; output < outputs; output++)
          Array.from(
            { length: Math.min(m, inputs - (input % inputs)) },
            (_, i) => (input + i) * outputs + output,
          )
            .toSorted((a, b) => Math.abs(scores![b]!) - Math.abs(scores![a]!))
            .forEach((index, place) => {
              ranks[index] = m - place;
            });
      return ranks;
    },
    expand: (survives) => [survives],
  };
}

/** All weights of an output, by their L2 norm. @param shape [..., outputs] */
export function filters(shape: readonly number[]): Structure {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const outputs = shape.at(-1)!;
  return {
    pool: ([scores]) => norms(outputs, [[scores!, (index) => index % outputs]]),
    expand: (survives) => [Float32Array.from({ length: size }, (_, index) => survives[index % outputs]!)],
  };
}

/** The weights of several tensors, each for itself, by one threshold. */
export function together(sizes: readonly number[]): Structure {
  return {
    pool: (scores) => Float32Array.from(scores.flatMap((each) => [...each])),
    expand(survives) {
      let end = 0;
      return sizes.map((size) => {
        end += size;
        return survives.slice(end - size, end);
      });
    },
  };
}

/** Channels between two convolutions: the outputs of [..., channels] with the inputs of [1, 1, channels, outputs]. */
export function channelsBetween(first: readonly number[], second: readonly number[]): Structure {
  const channels = first.at(-1)!;
  const outputs = second.at(-1)!;
  const ofFirst = (index: number) => index % channels;
  const ofSecond = (index: number) => Math.floor(index / outputs) % channels;
  const sizes = [first, second].map((shape) => shape.reduce((product, extent) => product * extent, 1));
  return {
    pool: ([one, other]) =>
      norms(channels, [
        [one!, ofFirst],
        [other!, ofSecond],
      ]),
    expand: (survives) =>
      [ofFirst, ofSecond].map((channelOf, tensor) =>
        Float32Array.from({ length: sizes[tensor]! }, (_, index) => survives[channelOf(index)]!),
      ),
  };
}

function norms(
  units: number,
  tensors: readonly (readonly [scores: Float32Array, unitOf: (index: number) => number])[],
): Float32Array {
  const sums = new Float32Array(units);
  for (const [scores, unitOf] of tensors)
    scores.forEach((score, index) => {
      sums[unitOf(index)]! += score * score;
    });
  return sums.map(Math.sqrt);
}
