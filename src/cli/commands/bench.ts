import { MAX_THREADS } from '../../engine/max-threads.ts';
import { describeEngines, takesThreads } from '../../engine/select.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type FlagGroups, type FlagValues, integers, seconds } from '../flag.ts';
import { ENGINE_FLAGS, JSON_FLAG, OUTPUT_NODE_FLAG } from '../shared-flags.ts';

const { engine, backend, kernels } = ENGINE_FLAGS;

const benchFlags = {
  'What to measure': {
    ...OUTPUT_NODE_FLAG,
    batch_size: integers({ default: [1, 128], min: 1, max: 10_000, doc: 'Images in a batch' }),
    threads: integers({
      default: undefined,
      min: 1,
      max: MAX_THREADS,
      doc: `Computing threads of engine ${describeEngines().withThreads} (default: 1 and as many as there are cores)`,
    }),
    seconds: seconds({ default: 3, doc: 'How long to measure each batch size on each number of threads' }),
  },
  Output: JSON_FLAG,
  Engine: { engine, backend, kernels },
} satisfies FlagGroups;

export const benchCommand = defineCommand({
  name: 'bench',
  summary: 'Measure how fast a frozen graph computes',
  operand: { placeholder: 'MODEL', many: false, doc: 'Frozen graph, as strip writes it: FILE.pb' },
  flags: benchFlags,
  examples: [
    'cifar10-prune bench runs/a/pruning_stripped.pb',
    'cifar10-prune bench runs/a/pruning_stripped.pb --batch_size=1,16,128 --threads=1,4 --json',
  ],
  run: runBench,
});

async function runBench(
  flags: FlagValues<typeof benchFlags>,
  { stdout, stderr }: Context,
  [model = '']: readonly string[],
): Promise<void> {
  const { availableParallelism, cpus } = await import('node:os');
  const { benchmark } = await import('../benchmark.ts');
  const { formatBenchmark } = await import('../benchmark-output.ts');
  const { liveLine } = await import('../live-line.ts');
  const cores = availableParallelism();
  const live = flags.json ? undefined : await liveLine(stderr);
  const result = await benchmark(model, {
    batchSizes: unique(flags.batch_size),
    threads: unique(flags.threads ?? (takesThreads(flags) ? [1, cores] : [undefined])),
    seconds: flags.seconds,
    engine: flags.engine,
    backend: flags.backend,
    kernels: flags.kernels,
    output: flags.output_node_name,
    onRound: (round, rounds) => live?.update([`measuring, round ${round}/${rounds}`]),
  }).finally(() => live?.clear());
  const report = {
    ...result,
    model,
    machine: { cpu: cpus()[0]?.model ?? 'unknown CPU', cores, node: process.version },
  };
  stdout.write(`${formatBenchmark(report, flags)}\n`);
}

const unique = <Value>(values: readonly Value[]) => [...new Set(values)];
