import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../errors.ts';
import { readRegularFile } from '../../regular-file.ts';
import { DEFAULT_TASK } from '../../tasks/index.ts';
import { defineCommand } from '../command.ts';
import { commandLine, type FlagsGiven, nextCommands, tensorboardCommand } from '../command-line.ts';
import type { Context } from '../context.ts';
import { DEFAULT_MAX_STEPS, pruningEnd } from '../default-schedule.ts';
import { defaultValues, type FlagGroups, type FlagValues, path } from '../flag.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { ENGINE_FLAGS } from '../shared-flags.ts';
import { evalFlags } from './eval.ts';
import { runStrip, stripFlags } from './strip.ts';
import { runTraining, trainFlags } from './train.ts';

/** Enough steps to reach 90% sparsity at an accuracy far above chance, in under three minutes on two cores. */
const TRAINING = {
  dataset: 'synthetic',
  max_steps: 160,
  batch_size: 64,
  pruning_hparams: [
    'name=cifar10_pruning',
    'target_sparsity=0.9',
    'sparsity_function_begin_step=10',
    'sparsity_function_end_step=130',
    'pruning_frequency=5',
  ].join(','),
} as const;

/** The same training on CIFAR-10, which the demo suggests at its end. */
const REAL_TRAINING = {
  train_dir: 'run',
  max_steps: DEFAULT_MAX_STEPS,
  pruning_hparams: `target_sparsity=0.9,sparsity_function_end_step=${pruningEnd(DEFAULT_MAX_STEPS)}`,
} as const;

const demoFlags = {
  Output: {
    out_dir: path({ default: 'demo-run', doc: 'Folder for all files, new or empty' }),
  },
  Engine: ENGINE_FLAGS,
} satisfies FlagGroups;

export const demoCommand = defineCommand({
  name: 'demo',
  summary:
    'Train with pruning, evaluate, strip and evaluate again, on drawn pictures, in under three minutes',
  flags: demoFlags,
  examples: ['cifar10-prune demo --out_dir=/tmp/demo-run'],
  run: runDemo,
});

async function runDemo(flags: FlagValues<typeof demoFlags>, context: Context): Promise<void> {
  const { evaluateCheckpointOnce, evaluateModelFile } = await import('../evaluation.ts');
  const { formatTable } = await import('../table.ts');
  const { describeTraining } = await import('../training-result.ts');
  const { out_dir, engine, backend, kernels, threads } = flags;
  await refuseUsedFolder(out_dir);
  const print = (line: string) => context.stdout.write(`${line}\n`);
  const announce = (command: string, given: FlagsGiven) => print(`\n$ ${commandLine(command, given)}`);

  const training = { ...TRAINING, train_dir: out_dir };
  announce('train', training);
  const trained = await runTraining(
    { ...defaultValues(trainFlags), ...training, engine, backend, kernels, threads },
    context,
    { howToContinue: 'the train command above continues it' },
  );
  print(describeTraining(trained));

  const evaluation = { checkpoint_dir: out_dir, run_once: true, eval_dir: join(out_dir, 'eval') };
  announce('eval', evaluation);
  const evalOptions = { ...defaultValues(evalFlags), ...evaluation, engine, backend, kernels, threads };
  const averaged = await evaluateCheckpointOnce(evalOptions, context);
  announce('eval', { checkpoint_dir: out_dir, raw: true, run_once: true });
  const raw = await evaluateCheckpointOnce({ ...evalOptions, raw: true }, context);

  const strip = {
    checkpoint_dir: out_dir,
    output_node_names: [DEFAULT_TASK.outputName],
    output_dir: out_dir,
  };
  announce('strip', strip);
  const { report, exports } = await runStrip({ ...defaultValues(stripFlags), ...strip }, context);
  const file = exports[0]!.files[0]!;

  announce('eval', { model: file.path, dataset: TRAINING.dataset });
  const frozen = await evaluateModelFile(file.path, { ...evalOptions, dataset: TRAINING.dataset }, context);

  const total = (count: 'zeros' | 'values') => report.tensors.reduce((sum, tensor) => sum + tensor[count], 0);
  const frozenSparsity = total('zeros') / total('values');
  const checkpointSizes = await sizes(`${trained.checkpoint}.data-00000-of-00001`);
  print('');
  print(
    formatTable(
      ['', 'sparsity', 'accuracy', 'file size', 'gzipped'],
      [
        ['checkpoint, moving averages', ...percents(trained.sparsity, averaged.accuracy), ...checkpointSizes],
        ['checkpoint, raw weights', ...percents(trained.sparsity, raw.accuracy), ...checkpointSizes],
        ['frozen graph', ...percents(frozenSparsity, frozen.accuracy), ...(await sizes(file.path))],
      ],
    ),
  );
  print(`\n${nextCommands('to watch the run:', [tensorboardCommand(out_dir)])}`);
  const page = join(out_dir, 'report.html');
  print(nextCommands('to see all of it on one page:', [commandLine('report', { output: page }, out_dir)]));
  print(nextCommands('on real pictures:', [commandLine('train', REAL_TRAINING)]));
}

const percents = (...fractions: readonly number[]) => fractions.map(formatPercent);

/** The size of a file, and its size after gzip. */
async function sizes(file: string): Promise<string[]> {
  const bytes = await readRegularFile(file);
  return [bytes.length, gzipSync(bytes).length].map(formatBytes);
}

async function refuseUsedFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length > 0)
    throw new UserError('file', `${folder} is not empty`, 'Give another --out_dir, or remove the folder.');
}
