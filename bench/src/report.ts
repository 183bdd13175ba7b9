import { medianTime, type Results } from './results.ts';
import { median } from './rounds.ts';
import { SCHEDULE_STEPS, scheduleSeconds } from './schedule.ts';
import { races, raceTable, times } from './table.ts';
import { percent, SPARSITIES } from './task.ts';

/** Everything that the reference shows, as Markdown. */
export function report(results: Results): string {
  return [
    introduction(results),
    ...races(results.machine.cores).map((race) => raceTable(results, race)),
    ...peakLine(results),
    ...scheduleLine(results),
  ].join('\n\n');
}

/** What of it the README shows: training. */
export function shortReport(results: Results): string {
  const [training] = races(results.machine.cores);
  return [introduction(results), raceTable(results, training!), ...scheduleLine(results)].join('\n\n');
}

function introduction({ machine, rounds }: Results): string {
  return (
    `Medians of ${rounds} rounds in turn, in one run on ${machine.date}: ${machine.processor}, ${machine.cores} cores, ` +
    `${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}. Other libraries multiply by zeros as by any number; ` +
    'beside each is its time, and in its row how many times as fast ours is.'
  );
}

function peakLine({ peak }: Results): string[] {
  const figures = Object.entries(peak).map(([threads, rate]) => `${rate.toFixed(0)} GFLOP/s on ${threads}`);
  if (figures.length === 0) return [];
  return [
    `The SIMD peak is what multiply-adds in WebAssembly reach that never leave the registers (${figures.join(', ')} threads); the ` +
      'share of it counts surviving weights only.',
  ];
}

/** The schedule of the tutorial as a whole, and what TensorFlow takes for as many steps, which need no mask updates here. */
function scheduleLine(results: Results): string[] {
  const { cores } = results.machine;
  const blocks = results.measurements.filter(({ task }) => task.kind === 'pruning');
  if (blocks.length === 0) return [];
  const ours = scheduleSeconds(blocks.map(({ samples }) => median(samples)));
  const steps = SPARSITIES.map((sparsity) =>
    medianTime(results, 'tensorflow', cores, { kind: 'step', sparsity }),
  ).filter((time) => time !== undefined);
  const theirs = (Math.min(...steps) * SCHEDULE_STEPS) / 1000;
  const comparison =
    steps.length === 0
      ? ''
      : `; ${results.descriptions.tensorflow} takes ${minutes(theirs)} for as many steps without any mask update (${times(theirs / ours)})`;
  return [
    `The ${SCHEDULE_STEPS.toLocaleString('en')} steps of a schedule from ${percent(0.3)} to ${percent(0.9)}, mask updates included, ` +
      `take ${minutes(ours)}, by steps timed at ${blocks.length} points of it${comparison}.`,
  ];
}

const minutes = (seconds: number) => `${(seconds / 60).toFixed(1)} minutes`;
