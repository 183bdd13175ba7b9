import { printable } from '../../printable.ts';
import { confusionChart } from '../charts/confusion.ts';
import { sizesOf } from '../charts/cost.ts';
import { layerSparsityChart } from '../charts/curves.ts';
import { bytes, count, duration, number, percent } from '../charts/format.ts';
import { histogramChart } from '../charts/histogram.ts';
import type { ReportData, ReportedLayer, ReportedRun } from '../report-data.ts';
import { element, missing, section } from './dom.ts';
import { mistakes } from './mistakes.ts';
import { endPlots, plot } from './plot.ts';
import { type Column, table } from './table.ts';

/** The details of one run, which the user chooses from a list. */
export function chosenRun({ runs, classNames }: ReportData): HTMLElement {
  const place = element('div');
  const choice = element(
    'select',
    { id: 'run-choice' },
    ...runs.map(({ name }, index) => element('option', { value: `${index}` }, printable(name))),
  );
  const show = () => {
    endPlots(place);
    place.replaceChildren(...details(runs[Number(choice.value)]!, classNames));
  };
  choice.addEventListener('change', show);
  if (runs.length > 0) show();
  return section('run', 'One run', element('label', { class: 'choice' }, 'Run ', choice), place);
}

function details(run: ReportedRun, classNames: readonly string[]): HTMLElement[] {
  const { layers } = run;
  return [
    facts(run),
    element('h3', {}, 'Layers'),
    plot("Each layer's sparsity", (theme) => layerSparsityChart(run, theme)) ??
      missing(
        "No event files, from which each layer's sparsity is drawn, are in its folder:",
        'cifar10-prune train',
      ),
    layerTable(layers),
    element('h3', {}, 'Weights'),
    element(
      'p',
      {},
      'Those that survive, by value. Pruning leaves a gap around zero; dashed lines mark the threshold of the last update of the masks.',
    ),
    element('div', { class: 'multiples' }, ...layers.map(histogram)),
    ...layers.flatMap(filters),
    element('h3', {}, 'Confusion matrix'),
    plot(
      'Rows: the class of an image. Columns: what it was taken for.',
      (theme) => confusionChart(run.averages ?? run.raw, classNames, theme),
      'square',
    ) ?? missing('Not known of this run:', 'cifar10-prune report --evaluate'),
    ...mistakes(run.mistakes, classNames),
    element('h3', {}, 'Settings'),
    settings(Object.entries(run.settings)),
  ];
}

function facts(run: ReportedRun): HTMLElement {
  const { folder, step, sparsity, averages, raw, trainingSeconds } = run;
  const { dense, smallest = dense } = sizesOf(run);
  return settings([
    ['folder', folder],
    ['step', count(step)],
    ['sparsity', percent(sparsity)],
    ...(averages ? [['accuracy, moving averages', percent(averages.accuracy)] as const] : []),
    ...(raw ? [['accuracy, raw weights', percent(raw.accuracy)] as const] : []),
    ...(smallest
      ? [
          [
            'smallest model',
            `${bytes(smallest.bytes)} (${smallest.format}, ${smallest.weightFormat})`,
          ] as const,
        ]
      : []),
    ...(trainingSeconds === undefined ? [] : [['training time', duration(trainingSeconds)] as const]),
  ]);
}

/** A list of names and values. */
export function settings(entries: readonly (readonly [name: string, value: string])[]): HTMLElement {
  return element(
    'dl',
    {},
    ...entries.map(([name, value]) =>
      element('div', {}, element('dt', {}, printable(name)), element('dd', {}, printable(value, 400))),
    ),
  );
}

const survivors = ({ weights, histogram: { masked } }: ReportedLayer) => weights - masked;

function layerTable(layers: readonly ReportedLayer[]): HTMLElement {
  const columns: Column<ReportedLayer>[] = [
    { title: 'Layer', isNumber: false, value: ({ name }) => name, text: ({ name }) => printable(name) },
    {
      title: 'Shape',
      isNumber: true,
      value: ({ weights }) => weights,
      text: ({ shape }) => shape.join(' × '),
    },
    {
      title: 'Weights',
      isNumber: true,
      value: ({ weights }) => weights,
      text: ({ weights }) => count(weights),
    },
    { title: 'Survive', isNumber: true, value: survivors, text: (layer) => count(survivors(layer)) },
    {
      title: 'Sparsity',
      isNumber: true,
      value: ({ sparsity }) => sparsity,
      text: ({ sparsity }) => percent(sparsity),
    },
    {
      title: 'Threshold',
      isNumber: true,
      value: ({ threshold }) => threshold,
      text: ({ threshold }) => number(threshold),
    },
  ];
  return table('Layers of the run', columns, layers);
}

function histogram(layer: ReportedLayer): HTMLElement {
  const {
    name,
    histogram: { masked },
    weights,
  } = layer;
  const title = `${printable(name)}: ${count(masked)} of ${count(weights)} masked`;
  return plot(title, (theme) => histogramChart(layer, theme), 'small') ?? element('p', {}, title);
}

function filters({ name, filters: pictures }: ReportedLayer): HTMLElement[] {
  if (!pictures) return [];
  const picture = (source: string, title: string, alt: string) =>
    element(
      'figure',
      { class: 'filters' },
      element('figcaption', {}, title),
      element('img', { src: source, alt, class: 'pixels' }),
    );
  return [
    element('h3', {}, `Filters of ${printable(name)}`),
    element(
      'div',
      { class: 'multiples' },
      picture(pictures.weights, 'Weights; masked ones are mid-grey', `All filters of ${name} in colours`),
      picture(
        pictures.masks,
        'Masks; white where the weights of all three colours survive, black where none does',
        `The masks of all filters of ${name}`,
      ),
    ),
  ];
}
