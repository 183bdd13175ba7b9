import { TOTAL_LOSS_AVERAGE } from '../model/names.ts';
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
  IMAGES_TAG,
  LEARNING_RATE_TAG,
  lossTag,
  PRECISION_TAG,
  pruningTags,
  rawLossTag,
  STEPS_PER_SECOND_TAG,
  zeroFractionTag,
} from './tags.ts';
import { histogram, images, type PictureBatch, type SummaryValue, scalar, text } from './values.ts';

/** The numbers of one training step. What is left out is not shown. */
export interface TrainingReport {
  readonly learningRate: number;
  readonly stepsPerSecond?: number;
  /** The losses of this step by the variable that averages them: `total_loss/avg`, `conv1/weight_loss/avg`, ... */
  readonly losses: ReadonlyMap<string, number>;
  /** The averages, by the same names. */
  readonly lossAverages: ReadonlyMap<string, number>;
  readonly pruning?: PruningReport;
  /** The batch, of which the first three are shown. */
  readonly images?: PictureBatch;
  /** Weights and biases by variable name. */
  readonly variables?: ReadonlyMap<string, Float32Array>;
  /** By variable name. */
  readonly gradients?: ReadonlyMap<string, Float32Array>;
  /** By layer name. */
  readonly activations?: ReadonlyMap<string, Float32Array>;
}

export interface PruningReport {
  /** The hparam `name`. */
  readonly name: string;
  /** What the schedule asks for at this step. */
  readonly sparsity: number;
  readonly lastMaskUpdateStep: number;
  /** 0 or 1, by layer name. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** By layer name. */
  readonly thresholds: ReadonlyMap<string, number>;
}

/** @throws UserError `argument` if a value of a histogram is NaN or infinite, or the pictures do not fit their size */
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
    ...Array.from(gradients, ([variable, values]) => histogram(gradientsTag(variable), values)),
    ...Array.from(activations, ([layer, values]) => histogram(activationsTag(layer), values)),
    ...Array.from(activations, ([layer, values]) => scalar(zeroFractionTag(layer), zeroFraction(values))),
  ];
}

function pruningSummaries({ name, sparsity, lastMaskUpdateStep, masks, thresholds }: PruningReport) {
  const tags = pruningTags(name);
  return [
    scalar(tags.sparsity, sparsity),
    scalar(tags.lastMaskUpdateStep, lastMaskUpdateStep),
    ...Array.from(masks, ([layer, mask]) => scalar(tags.maskSparsity(layer), zeroFraction(mask))),
    ...Array.from(thresholds, ([layer, threshold]) => scalar(tags.threshold(layer), threshold)),
  ];
}

/** @param precision fraction of the images whose largest logit is their label */
export function evaluationSummaries(precision: number): SummaryValue[] {
  return [scalar(PRECISION_TAG, precision)];
}

export interface RunDescription {
  /** Shown on the TEXT page. */
  readonly flags: Readonly<Record<string, HparamValue>>;
  /** Shown on the HPARAMS page, with the pruning hparams among them. */
  readonly hparams: Readonly<Record<string, HparamValue>>;
  /** The hparam `name`. */
  readonly pruningName: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
}

/** Where HPARAMS looks for a run's precision: in the event files of this folder inside the run's own. */
export const EVALUATION_GROUP = 'eval';

/** What is written once, when a run starts. */
export function runSummaries({ flags, hparams, pruningName, startedAt }: RunDescription): SummaryValue[] {
  const metrics: MetricColumn[] = [
    { tag: lossTag(TOTAL_LOSS_AVERAGE) },
    { tag: pruningTags(pruningName).sparsity, displayName: 'sparsity' },
    { tag: PRECISION_TAG, group: EVALUATION_GROUP },
  ];
  return [
    text(FLAGS_TAG, markdownTable(flags)),
    hparamsExperiment(hparamColumns(hparams), metrics, startedAt),
    hparamsSessionStart(hparams, startedAt),
  ];
}

/** The fraction of values that are 0, of either sign. */
export function zeroFraction(values: Float32Array): number {
  let zeros = 0;
  for (let index = 0; index < values.length; index++) zeros += Number(values[index] === 0);
  return zeros / values.length;
}

/** Values are set as code, in which TensorBoard's Markdown gives no character a meaning, not even a table's `|`. */
function markdownTable(flags: RunDescription['flags']): string {
  const cell = (value: HparamValue) => (value === '' ? '' : `\`${String(value).replaceAll(/\s+/g, ' ')}\``);
  const rows = Object.entries(flags).map(([name, value]) => `| ${name} | ${cell(value)} |`);
  return ['| flag | value |', '| --- | --- |', ...rows].join('\n');
}
