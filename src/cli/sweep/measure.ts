import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PlannedRun } from '../../sweep/planned-run.ts';
import { type MeasuredTime, type RunResult, readResult, writeResult } from '../../sweep/result.ts';
import { runFolder } from '../../sweep/sweep-folder.ts';
import { benchmark } from '../benchmark.ts';

const BATCH_SIZES = [1, 128];
/** Time to measure each batch size on each number of threads. */
const SECONDS = 1;

/**
 * Measures how long the stripped model of a run takes for an image, and stores the times in the run's result.
 *
 * @returns the result, unchanged if it has times already or no frozen graph to measure; undefined if the run is not done
 */
export async function measureRun(sweepDir: string, run: PlannedRun): Promise<RunResult | undefined> {
  const folder = runFolder(sweepDir, run);
  const result = await readResult(folder);
  const model = result?.exports.find(({ format }) => format === 'pb');
  if (!result || !model || result.timings) return result;
  const threads = [...new Set([1, availableParallelism()])];
  const { timings } = await benchmark(join(folder, model.files[0]!), {
    batchSizes: BATCH_SIZES,
    threads,
    seconds: SECONDS,
  });
  const measured = {
    ...result,
    timings: timings.map(
      ({ batchSize, threads: count, median }): MeasuredTime => ({
        batchSize,
        threads: count,
        millisecondsAnImage: median / batchSize,
      }),
    ),
  };
  await writeResult(folder, measured);
  return measured;
}
