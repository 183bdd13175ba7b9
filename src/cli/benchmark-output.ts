import type { Benchmark, Timing } from './benchmark.ts';
import { formatPercent } from './format.ts';
import { formatTable } from './table.ts';

/** A benchmark, with the model and the machine that it ran on. */
export interface BenchmarkReport extends Benchmark {
  readonly model: string;
  readonly machine: Machine;
}

export interface Machine {
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** The version of Node. */
  readonly node: string;
}

/** A benchmark as text for people, or as one line of JSON. */
export function formatBenchmark(report: BenchmarkReport, { json }: { readonly json: boolean }): string {
  if (json) return JSON.stringify(toJson(report));
  const { model, weights, machine, reasons, timings } = report;
  return [
    `${model}: ${weights.values} weights, ${formatPercent(sparsity(weights))} zeros`,
    `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}, Node ${machine.node}`,
    ...reasons,
    formatTable(
      ['batch', 'threads', 'ms a batch', 'p10 to p90', 'ms an image', 'images/s'],
      timings.map(row),
    ),
  ].join('\n');
}

function row({ batchSize, threads, median, p10, p90 }: Timing): string[] {
  return [
    String(batchSize),
    threads === undefined ? '-' : String(threads),
    formatNumber(median),
    `${formatNumber(p10)} to ${formatNumber(p90)}`,
    formatNumber(median / batchSize),
    formatNumber(imagesPerSecond({ batchSize, median })),
  ];
}

/** Three significant digits; from 100 on, all digits before the decimal point. */
function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function sparsity({ values, zeros }: Benchmark['weights']): number {
  return values === 0 ? 0 : zeros / values;
}

function imagesPerSecond({ batchSize, median }: Pick<Timing, 'batchSize' | 'median'>): number {
  return (batchSize / median) * 1000;
}

function toJson({ model, weights, machine, reasons, timings }: BenchmarkReport) {
  return {
    model,
    weights: weights.values,
    sparsity: sparsity(weights),
    machine,
    engines: reasons,
    timings: timings.map((timing) => ({
      batch_size: timing.batchSize,
      threads: timing.threads,
      batches: timing.runs,
      milliseconds: timing.median,
      p10: timing.p10,
      p90: timing.p90,
      images_per_second: imagesPerSecond(timing),
    })),
  };
}
