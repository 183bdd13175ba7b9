import { formatPercent } from './format.ts';
import type { Predictions } from './prediction.ts';
import { formatTable } from './table.ts';
import type { RankedClass } from './top-classes.ts';

/**
 * Predictions as text for people, a table for each picture, or as one line of JSON.
 *
 * @param names of the classes by label; where the model has another number of classes, the labels stand alone
 */
export function formatPredictions(
  predictions: Predictions,
  names: readonly string[],
  { json }: { readonly json: boolean },
): string {
  const known = names.length === predictions.classCount ? names : [];
  return json ? JSON.stringify(toJson(predictions, known)) : tables(predictions, known);
}

function tables({ images }: Predictions, names: readonly string[]): string {
  const row = ({ label, probability }: RankedClass) => [
    names[label] ?? String(label),
    formatPercent(probability),
  ];
  return images
    .map(({ path, classes }) => `${path}\n${formatTable(['class', 'probability'], classes.map(row))}`)
    .join('\n');
}

function toJson({ model, images }: Predictions, names: readonly string[]) {
  return {
    model,
    images: images.map(({ path, classes }) => ({
      path,
      classes: classes.map(({ label, probability }) => ({ label, name: names[label], probability })),
    })),
  };
}
