import { dirname } from 'node:path';
import { existingCheckpoint, stepOfPrefix } from '../checkpoint/index.ts';
import { evaluationBatches } from '../dataset/index.ts';
import { firstExamples } from '../eval/index.ts';
import { DEFAULT_HPARAMS, formatChangedHparams, parseHparams } from '../hparams/index.ts';
import { taskBehind } from '../jobs/index.ts';
import {
  allocationHparams,
  type Curve,
  type Proposal,
  proposeForLoss,
  proposeForTarget,
  sensitivityCurves,
} from '../sensitivity/index.ts';
import { stripCheckpoint } from '../strip/index.ts';
import { DEFAULT_TASK, datasetOf, taskNamed } from '../tasks/index.ts';
import { defaultSettings, type RunSettings } from '../train/index.ts';
import { commandLine, nextCommands } from './command-line.ts';
import type { Context } from './context.ts';
import { DEFAULT_MAX_STEPS, pruningEnd } from './default-schedule.ts';
import { downloadProgress } from './download-progress.ts';
import { SPLITS } from './evaluation.ts';
import { formatPercent } from './format.ts';
import { liveLine } from './live-line.ts';
import { formatTable } from './table.ts';

export interface SensitivityFlags {
  readonly checkpoint_dir: string;
  readonly raw: boolean;
  readonly sparsities: readonly number[];
  readonly target: number | undefined;
  /** Percentage points of accuracy. */
  readonly max_loss: number | undefined;
  readonly eval_data: 'test' | 'train_eval';
  readonly num_examples: number;
  readonly dataset: string | undefined;
  readonly data_dir: string;
  readonly data_url: string | undefined;
  readonly engine: string;
  readonly backend: string;
  readonly kernels: string;
  readonly threads: number | undefined;
  readonly json: boolean;
}

const BATCH_SIZE = 128;

/** Prints the accuracy of a checkpoint's network with each layer pruned further, and the proposed sparsities. */
export async function scanSensitivity(flags: SensitivityFlags, context: Context): Promise<void> {
  const { stdout, stderr } = context;
  const signal = context.interruption();
  const { task, settings } = await taskBehind(await existingCheckpoint(flags.checkpoint_dir));
  const { checkpoint, graph } = await stripCheckpoint({
    checkpointDir: flags.checkpoint_dir,
    outputNodeNames: [task.outputName],
    inputNodeNames: [],
    movingAverage: !flags.raw,
  });
  const live = flags.json ? undefined : await liveLine(stderr);
  try {
    const dataset = datasetOf(task, flags.dataset ?? settings.dataset);
    const records = await dataset.load(SPLITS[flags.eval_data], {
      dataDir: flags.data_dir,
      url: flags.data_url,
      onProgress: downloadProgress(stderr, live),
      onWait: (line) => void stderr.write(`${line}\n`),
      signal,
    });
    const { engine, backend, kernels, threads } = flags;
    const examples = firstExamples(records, flags.num_examples);
    const options = {
      batches: [...evaluationBatches(examples, BATCH_SIZE, task.network.input)],
      model: { engine, backend, kernels, threads },
      signal,
      onMeasure: (done: number, of: number) => live?.update([`measuring ${done + 1}/${of}`]),
    };
    const count = options.batches.reduce((sum, { labels }) => sum + labels.length, 0);
    const curves = await sensitivityCurves(graph, flags.sparsities, options);
    const proposal = await proposed(
      flags,
      (target) => proposeForTarget(graph, curves, target, options),
      (loss) => proposeForLoss(graph, curves, loss, options),
    );
    live?.clear();
    const next = proposal && trainingWith(proposal, checkpoint, settings);
    const text = flags.json
      ? JSON.stringify(toJson(checkpoint, flags, curves, proposal, next))
      : describe(checkpoint, count, flags, curves, proposal, next);
    stdout.write(`${text}\n`);
  } finally {
    live?.clear();
  }
}

async function proposed(
  { target, max_loss }: SensitivityFlags,
  forTarget: (target: number) => Promise<Proposal>,
  forLoss: (loss: number) => Promise<Proposal>,
): Promise<Proposal | undefined> {
  if (target !== undefined) return forTarget(target);
  return max_loss === undefined ? undefined : forLoss(max_loss / 100);
}

/** The command of a training like the checkpoint's, in another folder, with the proposed sparsity of each layer. */
function trainingWith(
  { allocation, sparsity }: Proposal,
  checkpoint: string,
  { task, seed, batch_size, dataset, pruning_hparams }: RunSettings,
): string {
  const steps = stepOfPrefix(checkpoint) || DEFAULT_MAX_STEPS;
  const hparams = parseHparams(pruning_hparams);
  const isPaced = hparams.sparsity_function_end_step !== DEFAULT_HPARAMS.sparsity_function_end_step;
  const schedule = formatChangedHparams({
    ...hparams,
    target_sparsity: DEFAULT_HPARAMS.target_sparsity,
    weight_sparsity_map: DEFAULT_HPARAMS.weight_sparsity_map,
    ...(!isPaced && { sparsity_function_end_step: pruningEnd(steps) }),
  });
  const defaults = defaultSettings(taskNamed(task, checkpoint));
  return commandLine('train', {
    train_dir: `${dirname(checkpoint)}-by-sensitivity`,
    max_steps: steps,
    ...(task !== DEFAULT_TASK.name && { task }),
    ...(seed !== defaults.seed && { seed }),
    ...(batch_size !== defaults.batch_size && { batch_size }),
    ...(dataset !== defaults.dataset && { dataset }),
    pruning_hparams: [allocationHparams(allocation, sparsity), schedule].filter(Boolean).join(','),
  });
}

const weightsOf = ({ raw }: SensitivityFlags) => (raw ? 'raw weights' : 'moving averages');

function describe(
  checkpoint: string,
  count: number,
  flags: SensitivityFlags,
  curves: readonly Curve[],
  proposal: Proposal | undefined,
  next: string | undefined,
): string {
  const sparsities = [...new Set(flags.sparsities)].toSorted((a, b) => a - b);
  const rows = curves.map(({ name, size, points: [own, ...points] }) => [
    name,
    String(size),
    formatPercent(own!.sparsity),
    ...sparsities.map((sparsity) => {
      const point = points.find((each) => each.sparsity === sparsity);
      return point ? formatPercent(point.accuracy) : '';
    }),
  ]);
  const { accuracy } = curves[0]!.points[0]!;
  return [
    `${checkpoint}, ${weightsOf(flags)}: accuracy ${formatPercent(accuracy)} of ${count} images`,
    'accuracy with one layer pruned further, without training:',
    formatTable(
      [
        'layer',
        'weights',
        'zeros',
        ...sparsities.map((sparsity) => `${Number((sparsity * 100).toFixed(2))}%`),
      ],
      rows,
    ),
    ...(proposal
      ? [
          '',
          `together ${formatPercent(proposal.sparsity)} sparse: accuracy ${formatPercent(proposal.accuracy)} without training`,
          ...[...proposal.allocation].map(([name, sparsity]) => `  ${name}  ${formatPercent(sparsity)}`),
        ]
      : []),
    ...(next === undefined ? [] : [nextCommands('to train with it:', [next])]),
  ].join('\n');
}

function toJson(
  checkpoint: string,
  flags: SensitivityFlags,
  curves: readonly Curve[],
  proposal: Proposal | undefined,
  next: string | undefined,
) {
  return {
    checkpoint,
    weights: weightsOf(flags),
    layers: curves,
    ...(proposal && {
      proposal: {
        sparsity: proposal.sparsity,
        accuracy: proposal.accuracy,
        cross_entropy: proposal.crossEntropy,
        layers: Object.fromEntries(proposal.allocation),
        pruning_hparams: allocationHparams(proposal.allocation, proposal.sparsity),
      },
      next,
    }),
  };
}
