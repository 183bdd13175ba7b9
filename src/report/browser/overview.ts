import { printable } from '../../printable.ts';
import { accuracyChart } from '../charts/accuracy.ts';
import { sizeChart, type Timing, timeChart, timingLabel, timingsOf } from '../charts/cost.ts';
import { lossChart, precisionChart, runColours, sparsityChart } from '../charts/curves.ts';
import { percent } from '../charts/format.ts';
import { groupsOf, sparsityOf } from '../charts/groups.ts';
import type { Theme } from '../charts/theme.ts';
import type { ReportedRun } from '../report-data.ts';
import { element, missing, section } from './dom.ts';
import { endPlots, onTheme, plot, theme } from './plot.ts';

const MOST_IN_LEGEND = 10;

export function overview(runs: readonly ReportedRun[]): HTMLElement {
  return section(
    'accuracy',
    'What pruning costs and saves',
    plot('Accuracy against sparsity: each run, the mean of its seeds, and their spread', (theme) =>
      accuracyChart(runs, theme),
    ) ?? missing('No accuracy is known:', 'cifar10-prune report --evaluate'),
    plot('Accuracy against bytes; points on the Pareto front have a rim', (theme) =>
      sizeChart(runs, theme),
    ) ?? missing('No sizes: a sweep measures them:', 'cifar10-prune sweep --sweep_dir=DIR'),
    times(runs),
  );
}

function times(runs: readonly ReportedRun[]): HTMLElement {
  const timings = timingsOf(runs);
  const title = 'Accuracy against milliseconds an image; points on the Pareto front have a rim';
  const draw = (timing: Timing) => plot(title, (theme) => timeChart(runs, timing, theme));
  const first = timings[0] && draw(timings[0]);
  if (!first) return missing('No times: a sweep measures them:', 'cifar10-prune sweep --sweep_dir=DIR');
  const place = element('div', {}, first);
  if (timings.length === 1) return place;
  const choice = element(
    'select',
    { id: 'timing' },
    ...timings.map((timing, index) => element('option', { value: `${index}` }, timingLabel(timing))),
  );
  choice.addEventListener('change', () => {
    endPlots(place);
    place.replaceChildren(
      draw(timings[Number(choice.value)]!) ??
        missing('No accuracy of these runs:', 'cifar10-prune report --evaluate'),
    );
  });
  return element('div', {}, element('label', { class: 'choice' }, 'Time of ', choice), place);
}

export function curves(runs: readonly ReportedRun[]): HTMLElement {
  const all = [
    plot('Sparsity that the schedule asks for', (theme) => sparsityChart(runs, theme)),
    plot('Loss, smoothed', (theme) => lossChart(runs, theme)),
    plot('Accuracy of evaluations while training', (theme) => precisionChart(runs, theme)),
  ].filter((each) => each !== undefined);
  return section(
    'curves',
    'Training',
    ...(all.length > 0
      ? [legend(runs), ...all]
      : [
          missing(
            'No event files, from which curves are drawn, are in the folders of these runs:',
            'cifar10-prune train',
          ),
        ]),
  );
}

/** The legend of colours: runs that differ only in the seed share one. It follows the theme by itself. */
function legend(runs: readonly ReportedRun[]): HTMLElement {
  const groups = groupsOf(runs);
  if (groups.length > MOST_IN_LEGEND) {
    const [least, most] = [groups[0]!, groups.at(-1)!].map((group) => percent(sparsityOf(group).mean));
    return element('p', {}, `Colours go with the sparsity reached, from ${least} to ${most}.`);
  }
  const entries = groups.map(({ label, runs: [run] }) => {
    const mark = element('span', { class: 'mark' });
    return { name: run!.name, mark, item: element('li', {}, mark, printable(label)) };
  });
  const colour = (now: Theme) => {
    const colours = runColours(runs, now);
    for (const { name, mark } of entries) mark.style.background = colours.get(name)!;
  };
  colour(theme());
  onTheme(colour);
  return element('ul', { class: 'legend' }, ...entries.map(({ item }) => item));
}
