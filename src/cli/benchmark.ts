import { randomStream } from '../random.ts';
import { type FrozenModel, type FrozenModelOptions, loadFrozenModel } from '../runtime/index.ts';
import { quantile } from './quantile.ts';

export interface BenchmarkOptions extends Omit<FrozenModelOptions, 'threads'> {
  readonly batchSizes: readonly number[];
  /** Undefined for an engine that takes no number of threads. */
  readonly threads: readonly (number | undefined)[];
  /** Least time to measure each configuration for, over all rounds; each round runs it at least once. */
  readonly seconds: number;
  /** Called before each round. */
  readonly onRound?: (round: number, rounds: number) => void;
}

/** How long a model takes for a batch. */
export interface Timing {
  readonly batchSize: number;
  readonly threads: number | undefined;
  /** Batches that were measured. */
  readonly runs: number;
  /** Milliseconds a batch: half of the batches, a tenth and nine tenths took no longer. */
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

export interface Benchmark {
  readonly weights: FrozenModel['weights'];
  /** Lines that say which engine computes and why, without repetitions. */
  readonly reasons: readonly string[];
  readonly timings: readonly Timing[];
}

/** The configurations take turns in this many rounds, so that other load on the machine slows all of them alike. */
const ROUNDS = 10;
/** A configuration's first batches are slow: they compile code and touch memory for the first time. */
const WARM_UP_SECONDS = 0.3;
const SEED = 1;

interface Configuration {
  readonly batchSize: number;
  readonly threads: number | undefined;
  readonly model: FrozenModel;
  readonly images: Float32Array;
  /** Milliseconds. */
  readonly times: number[];
}

/**
 * Measures every batch size on every number of threads, on seeded random images. The configurations take turns.
 *
 * @throws UserError if the graph cannot be loaded or does not take a batch of one of these sizes
 */
export async function benchmark(path: string, options: BenchmarkOptions): Promise<Benchmark> {
  const { batchSizes, threads, seconds, onRound, ...modelOptions } = options;
  const models: FrozenModel[] = [];
  try {
    const configurations: Configuration[] = [];
    for (const count of threads) {
      const model = await loadFrozenModel(path, { ...modelOptions, threads: count });
      models.push(model);
      for (const batchSize of batchSizes)
        configurations.push({
          batchSize,
          threads: count,
          model,
          images: randomImages(model, batchSize),
          times: [],
        });
    }
    for (const configuration of configurations) await runFor(WARM_UP_SECONDS, configuration);
    for (const { times } of configurations) times.length = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      onRound?.(round, ROUNDS);
      for (const configuration of configurations) await runFor(seconds / ROUNDS, configuration);
    }
    return {
      weights: models[0]!.weights,
      reasons: [...new Set(models.map(({ reason }) => reason))],
      timings: configurations.map(timing),
    };
  } finally {
    for (const model of models) await model.dispose();
  }
}

/** Runs the model again and again for so many seconds, at least once, and appends each time to `times`. */
async function runFor(seconds: number, { model, images, times }: Configuration): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let now = performance.now();
  do {
    const start = now;
    await model.run(images);
    now = performance.now();
    times.push(now - start);
  } while (now < end);
}

/** Values of mean 0 and variance 1, like those of standardized images. */
function randomImages({ inputShape }: FrozenModel, batchSize: number): Float32Array {
  const stream = randomStream(SEED, 'benchmark');
  const length = inputShape.reduce((product, extent) => product * extent, batchSize);
  return Float32Array.from({ length }, () => stream.normal());
}

function timing({ batchSize, threads, times }: Configuration): Timing {
  const sorted = Float64Array.from(times).sort();
  const [p10, median, p90] = [0.1, 0.5, 0.9].map((fraction) => quantile(sorted, fraction)) as [
    number,
    number,
    number,
  ];
  return { batchSize, threads, runs: times.length, median, p10, p90 };
}
