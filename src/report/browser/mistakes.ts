import { percent } from '../charts/format.ts';
import type { Mistake } from '../report-data.ts';
import { element } from './dom.ts';

/** Wrongly classified pictures, with their most probable classes. */
export function mistakes(all: readonly Mistake[], classNames: readonly string[]): HTMLElement[] {
  if (all.length === 0) return [];
  const nameOf = (label: number) => classNames[label] ?? `${label}`;
  const item = ({ index, picture, label, top }: Mistake) =>
    element(
      'li',
      {},
      element('img', {
        src: picture,
        alt: `Picture ${index} of the test set, a ${nameOf(label)}`,
        class: 'pixels',
        width: '64',
        height: '64',
      }),
      element(
        'div',
        {},
        element('strong', {}, nameOf(label)),
        ` #${index}`,
        element(
          'ol',
          {},
          ...top.map((each) => {
            const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
            bar.style.width = percent(each.probability);
            return element(
              'li',
              each.class === label ? { class: 'right' } : {},
              element('span', {}, nameOf(each.class)),
              element('span', { class: 'number' }, `${(100 * each.probability).toFixed(1)}%`),
              bar,
            );
          }),
        ),
      ),
    );
  return [
    element('h3', {}, 'Taken for another class'),
    element('p', {}, 'Beside each picture its class, and what it was taken for, the most probable first.'),
    element('ul', { class: 'mistakes' }, ...all.map(item)),
  ];
}
