import { DEFAULT_HPARAMS, formatList, type PruningHparams } from '../hparams/index.ts';
import { layerOf, TOTAL_LOSS_AVERAGE } from '../model/names.ts';
import {
  type HparamValue,
  hparamColumns,
  hparamsExperiment,
  hparamsSessionStart,
  type MetricColumn,
} from './hparams.ts';
import {
  activationsTag,
  FLAGS_TAG,
  gradientsTag,
  HPARAMS_TAG,
  IMAGES_TAG,
  LEARNING_RATE_TAG,
  lossTag,
  maskedWeightsTag,
  PRECISION_TAG,
  pruningTags,
  rawLossTag,
  STEPS_PER_SECOND_TAG,
  zeroFractionTag,
} from './tags.ts';
import { histogram, images, type PictureBatch, type SummaryValue, scalar, text } from './values.ts';

/** The numbers of one training step. Those that are left out are not shown. */
export interface TrainingReport {
  readonly learningRate: number;
  readonly stepsPerSecond?: number;
  /** The losses of this step by the variable that averages them: `total_loss/avg`, `conv1/weight_loss/avg`, ... */
  readonly losses: ReadonlyMap<string, number>;
  /** The averages, by the same names. */
  readonly lossAverages: ReadonlyMap<string, number>;
  readonly pruning?: PruningReport;
  /** Images of the batch; the first three are shown. */
  readonly images?: PictureBatch;
  /** Weights and biases by variable name. */
  readonly variables?: ReadonlyMap<string, Float32Array>;
  /** Gradients by variable name. */
  readonly gradients?: ReadonlyMap<string, Float32Array>;
  /** Activations by layer name. */
  readonly activations?: ReadonlyMap<string, Float32Array>;
}

export interface PruningReport {
  /** The hparam `name`. */
  readonly name: string;
  /** The target sparsity of the schedule at this step. */
  readonly sparsity: number;
  readonly lastMaskUpdateStep: number;
  /** Masks of 0 and 1, by the name of the weights: `conv1/weights`. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** Thresholds by the name of the weights. */
  readonly thresholds: ReadonlyMap<string, number>;
}

/** All summaries of a training step. @throws UserError `argument` if a value of a histogram is NaN or infinite, or images do not match their size */
export function trainingSummaries(report: TrainingReport): SummaryValue[] {
  const { stepsPerSecond, pruning, images: batch, variables = [], gradients = [], activations = [] } = report;
  return [
    scalar(LEARNING_RATE_TAG, report.learningRate),
    ...(stepsPerSecond === undefined ? [] : [scalar(STEPS_PER_SECOND_TAG, stepsPerSecond)]),
    ...Array.from(report.lossAverages, ([variable, loss]) => scalar(lossTag(variable), loss)),
    ...Array.from(report.losses, ([variable, loss]) => scalar(rawLossTag(variable), loss)),
    ...(pruning ? pruningSummaries(pruning) : []),
    ...(batch ? images(IMAGES_TAG, batch) : []),
    ...Array.from(variables, ([variable, values]) => histogram(variable, values)),
    ...maskedWeights(report),
    ...Array.from(gradients, ([variable, values]) => histogram(gradientsTag(variable), values)),
    ...Array.from(activations, ([layer, values]) => histogram(activationsTag(layer), values)),
    ...Array.from(activations, ([layer, values]) => scalar(zeroFractionTag(layer), zeroFraction(values))),
  ];
}

/** The summaries of a mask update, without the rest of the step. */
export function pruningSummaries({
  name,
  sparsity,
  lastMaskUpdateStep,
  masks,
  thresholds,
}: PruningReport): SummaryValue[] {
  const tags = pruningTags(name);
  return [
    scalar(tags.sparsity, sparsity),
    scalar(tags.lastMaskUpdateStep, lastMaskUpdateStep),
    ...Array.from(masks, ([weights, mask]) =>
      scalar(tags.maskSparsity(layerOf(weights)), zeroFraction(mask)),
    ),
    ...Array.from(thresholds, ([weights, threshold]) => scalar(tags.threshold(layerOf(weights)), threshold)),
  ];
}

/**
 * Histograms of the weights that are not masked. TensorBoard scales a histogram to its highest bin: if nine in ten weights are
 * masked, their zeros would hide all others.
 */
function maskedWeights({ variables, pruning }: TrainingReport): SummaryValue[] {
  return Array.from(pruning?.masks ?? [], ([weights, mask]) => {
    const kept = variables?.get(weights)?.filter((_, index) => mask[index] !== 0) ?? [];
    return kept.length === 0 ? [] : [histogram(maskedWeightsTag(layerOf(weights)), kept)];
  }).flat();
}

/** @param precision fraction of the images whose largest logit is their label */
export function evaluationSummaries(precision: number): SummaryValue[] {
  return [scalar(PRECISION_TAG, precision)];
}

export interface RunDescription {
  /** Flags as the user gave them, for the TEXT page. */
  readonly flags: Readonly<Record<string, HparamValue>>;
  /** All hparams, for the HPARAMS and the TEXT page. */
  readonly hparams: PruningHparams;
  /** The other settings that decide the run's result, for both pages. */
  readonly settings: {
    readonly seed: number;
    readonly batch_size: number;
    readonly dataset: string;
    readonly network: string;
  };
  /** Seconds since 1970. */
  readonly startedAt: number;
}

/** Where HPARAMS looks for a run's precision: in the event files of this folder inside the run's own. */
export const EVALUATION_GROUP = 'eval';

/**
 * The settings in which compared runs mostly differ. TensorBoard takes the columns for all runs from the run that it reads
 * first, and a run does not know the others, so every run names these. They are five because TensorBoard shows five columns.
 */
const DIFFERING = [
  'target_sparsity',
  'weight_sparsity_map',
  'sparsity_function_end_step',
  'seed',
  'batch_size',
];

/** The summaries that are written once, at the start of a run. */
export function runSummaries({ flags, hparams, settings, startedAt }: RunDescription): SummaryValue[] {
  const metrics: MetricColumn[] = [
    { tag: PRECISION_TAG, group: EVALUATION_GROUP, displayName: PRECISION_TAG },
    { tag: pruningTags(hparams.name).sparsity, displayName: 'sparsity' },
    { tag: lossTag(TOTAL_LOSS_AVERAGE), displayName: 'total_loss' },
  ];
  const values = { ...settings, ...shownHparams(hparams) };
  return [
    text(HPARAMS_TAG, `${hparamsTable(hparams)}\n\n${valuesTable('setting', settings)}`),
    text(FLAGS_TAG, valuesTable('flag', flags)),
    hparamsExperiment(hparamColumns(values, DIFFERING), metrics, startedAt),
    hparamsSessionStart(values, startedAt),
  ];
}

/** The hparams, with lists as in an hparams string. */
function shownHparams(hparams: PruningHparams): Record<string, HparamValue> {
  const shown = (value: PruningHparams[keyof PruningHparams]) =>
    typeof value === 'object' ? formatList(value) : value;
  return Object.fromEntries(Object.entries(hparams).map(([name, value]) => [name, shown(value)]));
}

/** The fraction of values that are 0, of either sign. */
export function zeroFraction(values: Float32Array): number {
  let zeros = 0;
  for (let index = 0; index < values.length; index++) zeros += Number(values[index] === 0);
  return zeros / values.length;
}

/** A Markdown table of hparams: first those that differ from their defaults, with the defaults beside them. */
function hparamsTable(hparams: PruningHparams): string {
  const defaults = shownHparams(DEFAULT_HPARAMS);
  const rows = Object.entries(shownHparams(hparams));
  return markdownTable(
    ['pruning hparam', 'value', 'instead of'],
    [
      ...rows.filter(([name, value]) => value !== defaults[name]).map((row) => [...row, defaults[row[0]]!]),
      ...rows.filter(([name, value]) => value === defaults[name]).map((row) => [...row, '']),
    ],
  );
}

function valuesTable(kind: string, values: Readonly<Record<string, HparamValue>>): string {
  return markdownTable([kind, 'value'], Object.entries(values));
}

/** Values are formatted as code, in which TensorBoard's Markdown leaves all characters alone, even a table's `|`. */
function markdownTable(header: readonly string[], rows: readonly (readonly HparamValue[])[]): string {
  const cell = (value: HparamValue) => (value === '' ? '' : `\`${String(value).replaceAll(/\s+/g, ' ')}\``);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    line(header.map(() => '---')),
    ...rows.map(([name, ...values]) => line([String(name), ...values.map(cell)])),
  ].join('\n');
}
