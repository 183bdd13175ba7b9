import { inferenceFlops, stepFlops } from './flops.ts';
import { medianTime, type Results } from './results.ts';
import { BATCH, percent, SPARSITIES, type Task } from './task.ts';

/** A race: the same work at every sparsity, with so many threads. */
export interface Race {
  readonly title: string;
  readonly threads: number;
  readonly images: number;
  taskAt(sparsity: number): Task;
  /** Multiplications and additions of one image, by the weights that survive. */
  flopsAt(sparsity: number): number;
}

const OURS = 'ours';

export function races(threads: number): Race[] {
  const on = (count: number) => (count === 1 ? 'one thread' : `${count} threads`);
  const inference = (batch: number, count: number): Race => ({
    title: `inference, ${batch === 1 ? 'one image' : `${batch} images`}, ${on(count)}`,
    threads: count,
    images: batch,
    taskAt: (sparsity) => ({ kind: 'inference', sparsity, batch }),
    flopsAt: inferenceFlops,
  });
  return [
    {
      title: `training step, ${BATCH} images, ${on(threads)}`,
      threads,
      images: BATCH,
      taskAt: (sparsity) => ({ kind: 'step', sparsity }),
      flopsAt: stepFlops,
    },
    ...[BATCH, 1].flatMap((batch) => [...new Set([threads, 1])].map((count) => inference(batch, count))),
  ];
}

/** Our times, how often each other's time holds ours, and how near ours are to the machine's peak. */
export function raceTable(results: Results, race: Race): string {
  const ours = SPARSITIES.map((sparsity) => medianTime(results, OURS, race.threads, race.taskAt(sparsity))!);
  const row = (label: string, cells: readonly string[]) => `| ${[label, ...cells].join(' | ')} |`;
  const others = Object.keys(results.descriptions)
    .filter((library) => library !== OURS)
    .map((library) => ({ library, time: otherTime(results, library, race) }))
    .filter((other): other is { library: string; time: number } => other.time !== undefined)
    .sort((a, b) => a.time - b.time);
  const peak = results.peak[race.threads];
  const shareOfPeak = (time: number, i: number) =>
    percent((race.images * race.flopsAt(SPARSITIES[i]!)) / (time * 1e6) / peak!, 0);
  return [
    row(
      race.title,
      SPARSITIES.map((sparsity) => (sparsity === 0 ? 'dense' : `${percent(sparsity)} pruned`)),
    ),
    row(
      '---',
      SPARSITIES.map(() => '---:'),
    ),
    row(
      `**${results.descriptions[OURS]}**`,
      ours.map((time) => `**${milliseconds(time)}**`),
    ),
    ...others.map(({ library, time }) =>
      row(
        `${results.descriptions[library]}: ${milliseconds(time)}`,
        ours.map((mine) => times(time / mine)),
      ),
    ),
    ...(peak === undefined ? [] : [row('of the SIMD peak', ours.map(shareOfPeak))]),
  ].join('\n');
}

/** The shorter of its times dense and pruned: it computes as much. A library without so many threads races with those it has. */
function otherTime(results: Results, library: string, race: Race): number | undefined {
  const at = (threads: number) =>
    SPARSITIES.map((sparsity) => medianTime(results, library, threads, race.taskAt(sparsity))).filter(
      (time) => time !== undefined,
    );
  const found = [at(race.threads), at(1)].find((some) => some.length > 0);
  return found && Math.min(...found);
}

export function milliseconds(time: number): string {
  if (time >= 100) return `${Math.round(time)} ms`;
  return `${time.toPrecision(time >= 10 ? 3 : 2)} ms`;
}

export const times = (ratio: number) => `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}x`;
