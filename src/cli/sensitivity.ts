import { type DatasetName, evaluationBatches, loadSplit } from '../dataset/index.ts';
import { firstExamples } from '../eval/index.ts';
import { CIFAR10_OUTPUT_NODE } from '../model/cifar10.ts';
import {
  allocationHparams,
  type Curve,
  type Proposal,
  proposeForLoss,
  proposeForTarget,
  sensitivityCurves,
} from '../sensitivity/index.ts';
import { strip } from '../strip/index.ts';
import { DEFAULT_SETTINGS, keptSettings } from '../train/index.ts';
import type { Context } from './context.ts';
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
  /** In percent of accuracy. */
  readonly max_loss: number | undefined;
  readonly eval_data: 'test' | 'train_eval';
  readonly num_examples: number;
  readonly dataset: DatasetName | undefined;
  readonly data_dir: string;
  readonly data_url: string | undefined;
  readonly engine: string;
  readonly backend: string;
  readonly threads: number | undefined;
  readonly json: boolean;
}

const BATCH_SIZE = 128;

/** Prints how a checkpoint's network bears the pruning of each layer, and what is proposed. */
export async function scanSensitivity(flags: SensitivityFlags, context: Context): Promise<void> {
  const { stdout, stderr } = context;
  const signal = context.interruption();
  const { checkpoint, graph } = await strip({
    checkpointDir: flags.checkpoint_dir,
    outputNodeNames: [CIFAR10_OUTPUT_NODE],
    inputNodeNames: [],
    movingAverage: !flags.raw,
  });
  const live = flags.json ? undefined : await liveLine(stderr);
  try {
    const settings = (await keptSettings(checkpoint))?.settings ?? DEFAULT_SETTINGS;
    const records = await loadSplit(SPLITS[flags.eval_data], {
      name: flags.dataset ?? settings.dataset,
      dataDir: flags.data_dir,
      url: flags.data_url,
      onProgress: downloadProgress(stderr, live),
      onWait: (line) => void stderr.write(`${line}\n`),
      signal,
    });
    const { engine, backend, threads } = flags;
    const options = {
      batches: [...evaluationBatches(firstExamples(records, flags.num_examples), BATCH_SIZE)],
      model: { engine, backend, threads },
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
    const text = flags.json
      ? JSON.stringify(toJson(checkpoint, flags, curves, proposal))
      : describe(checkpoint, count, flags, curves, proposal);
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

const weightsOf = ({ raw }: SensitivityFlags) => (raw ? 'raw weights' : 'moving averages');

function describe(
  checkpoint: string,
  count: number,
  flags: SensitivityFlags,
  curves: readonly Curve[],
  proposal: Proposal | undefined,
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
          `train with it: --pruning_hparams='${allocationHparams(proposal.allocation, proposal.sparsity)},...'`,
        ]
      : []),
  ].join('\n');
}

function toJson(
  checkpoint: string,
  flags: SensitivityFlags,
  curves: readonly Curve[],
  proposal: Proposal | undefined,
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
    }),
  };
}
