import type { RankedClass } from '../eval/index.ts';
import { formatPercent } from './format.ts';
import type { Predictions } from './prediction.ts';
import { formatTable } from './table.ts';

/**
 * Predictions as a table for people, or as one line of JSON.
 *
 * @param names names of the classes by label; used only if the model has as many classes
 */
export function formatPredictions(
  predictions: Predictions,
  names: readonly string[],
  { json }: { readonly json: boolean },
): string {
  const known = names.length === predictions.classCount ? names : [];
  return json ? JSON.stringify(toJson(predictions, known)) : table(predictions, known);
}

/** Only the first row of a picture has its path. */
function table({ images }: Predictions, names: readonly string[]): string {
  const row = ({ label, probability }: RankedClass) => [
    names[label] ?? String(label),
    formatPercent(probability),
  ];
  const rows = images.flatMap(({ path, classes }) =>
    classes.map((ranked, rank) => [rank === 0 ? path : '', ...row(ranked)]),
  );
  return formatTable(['image', 'class', 'probability'], rows);
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
