import { count } from '../charts/format.ts';
import { sharedSettings } from '../charts/groups.ts';
import type { ReportData } from '../report-data.ts';
import { element, section } from './dom.ts';
import { curves, overview } from './overview.ts';
import { chosenRun, settings } from './run.ts';
import { runsTable, summary } from './tables.ts';

const data = JSON.parse(document.getElementById('data')!.textContent) as ReportData;
const { runs, version, madeAt, machine } = data;

const CONTENTS = [
  ['summary', 'Summary'],
  ['accuracy', 'Accuracy'],
  ['runs', 'Runs'],
  ['curves', 'Training'],
  ['run', 'One run'],
  ['made', 'Made with'],
] as const;

const when = new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ');

document.getElementById('report')!.replaceChildren(
  element(
    'header',
    {},
    element('h1', {}, 'Pruning report'),
    element('p', {}, `${count(runs.length)} ${runs.length === 1 ? 'run' : 'runs'}, made ${when} UTC`),
    element(
      'nav',
      { 'aria-label': 'Parts of the report' },
      ...CONTENTS.map(([id, title]) => element('a', { href: `#${id}` }, title)),
    ),
  ),
  summary(data),
  overview(runs),
  runsTable(data),
  curves(runs),
  chosenRun(data),
  section(
    'made',
    'Made with',
    settings([
      ['cifar10-prune', version],
      ['Node', machine.node],
      ['processor', `${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`],
      ['made at', madeAt],
    ]),
    element('h3', {}, 'Settings that all runs share'),
    settings(sharedSettings(runs)),
  ),
);
