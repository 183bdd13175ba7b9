import { perClassAccuracy } from '../eval/index.ts';
import type { Evaluation } from '../jobs/index.ts';
import { formatPercent, formatTime } from './format.ts';
import { formatTable } from './table.ts';

export interface EvaluationOutputOptions {
  readonly json: boolean;
  readonly per_class: boolean;
  readonly confusion_matrix: boolean;
}

/** An evaluation as text for people, or as one line of JSON. */
export function formatEvaluation(
  evaluation: Evaluation,
  time: Date,
  options: EvaluationOutputOptions,
): string {
  if (options.json) return JSON.stringify(toJson(evaluation, options));
  return [
    summary(evaluation, time),
    ...(options.per_class ? [perClassTable(evaluation)] : []),
    ...(options.confusion_matrix ? [confusionTable(evaluation)] : []),
  ].join('\n');
}

/** `2017-11-03 21:32:02.734000: precision @ 1 = 0.860 (8600 of 10000 images; model.ckpt-200, raw weights)` */
function summary({ source, weights, accuracy, correct, count }: Evaluation, time: Date): string {
  const details = `${correct} of ${count} images; ${source}, ${weights}`;
  return `${formatTime(time)}: precision @ 1 = ${accuracy.toFixed(3)} (${details})`;
}

function perClassTable(evaluation: Evaluation): string {
  const accuracies = perClassAccuracy(evaluation);
  const rows = evaluation.classNames.map((name, label) => {
    const images = evaluation.confusion[label]!.reduce((sum, predicted) => sum + predicted, 0);
    return [name, images === 0 ? '-' : formatPercent(accuracies[label]!), String(images)];
  });
  return formatTable(['class', 'accuracy', 'images'], rows);
}

/** The columns, which are predicted classes, have only numbers as titles, so that the table fits a terminal. */
function confusionTable({ classNames, confusion }: Evaluation): string {
  const rows = confusion.map((predicted, label) => [
    `${label} ${classNames[label]}`,
    ...predicted.map(String),
  ]);
  return formatTable(['true\\predicted', ...classNames.map((_, label) => String(label))], rows);
}

function toJson(evaluation: Evaluation, { per_class, confusion_matrix }: EvaluationOutputOptions) {
  const { source, step, weights, accuracy, correct, count, classNames, confusion } = evaluation;
  // A class without images has accuracy NaN, which becomes null.
  const perClass = perClassAccuracy(evaluation).map((value, label) => [classNames[label]!, value]);
  return {
    source,
    step,
    weights,
    accuracy,
    correct,
    count,
    ...(per_class && { per_class: Object.fromEntries(perClass) }),
    ...(confusion_matrix && { confusion_matrix: confusion }),
  };
}
