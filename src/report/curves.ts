import { join } from 'node:path';
import { TOTAL_LOSS_AVERAGE } from '../model/names.ts';
import { readScalars } from '../summary/read-scalars.ts';
import { EVALUATION_GROUP } from '../summary/run-summaries.ts';
import type { Scalars } from '../summary/scalar-series.ts';
import { LEARNING_RATE_TAG, lossTag, PRECISION_TAG, pruningTags } from '../summary/tags.ts';
import { LOSS_DECAY } from '../train/index.ts';
import type { Curve, RunCurves } from './report-data.ts';

/** The curves and times in a run's event files. */
export interface RunEvents {
  readonly curves: RunCurves;
  /** Curves of the masks' sparsities, by layer. */
  readonly sparsities: ReadonlyMap<string, Curve>;
  readonly trainingSeconds: number;
}

/**
 * Reads a run's event files, and those of its evaluations in its subfolder `eval`.
 *
 * @param pruningName the hparam `name`
 * @throws UserError `file` if one is damaged
 */
export async function readRunEvents(
  folder: string,
  pruningName: string,
  layers: readonly string[],
): Promise<RunEvents> {
  const tags = pruningTags(pruningName);
  const lossAverage = lossTag(TOTAL_LOSS_AVERAGE);
  const all = [tags.sparsity, lossAverage, LEARNING_RATE_TAG, ...layers.map(tags.maskSparsity)];
  const training = await readScalars(folder, all);
  const evaluation = await readScalars(join(folder, EVALUATION_GROUP), [PRECISION_TAG]);
  const curveOf = (tag: string) => curve(training.scalars.get(tag));
  const sparsities = Object.fromEntries(layers.map((layer) => [layer, curveOf(tags.maskSparsity(layer))]));
  return {
    curves: present({
      sparsity: curveOf(tags.sparsity),
      totalLoss: debiased(curveOf(lossAverage)),
      learningRate: curveOf(LEARNING_RATE_TAG),
      precision: curve(evaluation.scalars.get(PRECISION_TAG)),
    }),
    sparsities: new Map(Object.entries(present(sparsities))),
    trainingSeconds: training.seconds,
  };
}

/**
 * Removes the bias of a moving average that started from 0: after n steps the weights of its values sum to 1 - decay ^ n, so
 * the average is divided by that (Kingma and Ba 2015, section 3).
 */
function debiased(average: Curve | undefined): Curve | undefined {
  if (!average) return undefined;
  const values = average.values.map((value, index) => value / (1 - LOSS_DECAY ** average.steps[index]!));
  return { steps: average.steps, values: values.map((value) => shortest(Math.fround(value))) };
}

/** The entries that have a curve. */
function present(curves: Readonly<Record<string, Curve | undefined>>): Record<string, Curve> {
  const isThere = (entry: [string, Curve | undefined]): entry is [string, Curve] => entry[1] !== undefined;
  return Object.fromEntries(Object.entries(curves).filter(isThere));
}

/** A curve with one value for each step, the last one written; undefined if no value is finite. */
function curve({ steps, values }: Scalars = { steps: [], values: [] }): Curve | undefined {
  const points = new Map<number, number>();
  steps.forEach((step, index) => {
    if (Number.isFinite(values[index])) points.set(step, shortest(values[index]!));
  });
  if (points.size === 0) return undefined;
  const sorted = [...points].toSorted(([a], [b]) => a - b);
  return { steps: sorted.map(([step]) => step), values: sorted.map(([, value]) => value) };
}

const DIGITS_OF_FLOAT32 = 9;

/** The number with the fewest digits that has the same float32: 0.1 for 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < DIGITS_OF_FLOAT32; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}
