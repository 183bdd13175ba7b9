import { TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import type { Chart, Tip } from '../charts/chart.ts';
import { CHART_PARTS } from '../charts/parts.ts';
import { DARK, LIGHT, type Theme } from '../charts/theme.ts';
import { element } from './dom.ts';

use([...CHART_PARTS, TooltipComponent]);

type Draw = (theme: Theme) => Chart | undefined;

const darkness = matchMedia('(prefers-color-scheme: dark)');
const printing = matchMedia('print');
export const theme = () => (darkness.matches && !printing.matches ? DARK : LIGHT);

interface Shown {
  readonly chart: EChartsType;
  readonly box: HTMLElement;
  readonly draw: Draw;
}

const shown = new Map<HTMLElement, Shown>();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) shown.get(target as HTMLElement)?.chart.resize();
});
onTheme(() => {
  for (const each of shown.values()) paint(each);
});

/** Calls `follow` with the new theme whenever it changes. */
export function onTheme(follow: (theme: Theme) => void): void {
  for (const query of [darkness, printing]) query.addEventListener('change', () => follow(theme()));
}

/**
 * A plot that follows the theme and the width of its element.
 *
 * @returns undefined if there is nothing to draw
 */
export function plot(
  title: string,
  draw: Draw,
  shape: 'wide' | 'small' | 'square' = 'wide',
): HTMLElement | undefined {
  const drawn = draw(theme());
  if (!drawn) return undefined;
  const box = element('div', { class: `plot ${shape}`, role: 'img', 'aria-label': drawn.alt });
  // The plot takes the width of its element, which is known only once the element is on the page.
  queueMicrotask(() => {
    const chart = init(box, null, { renderer: 'svg' });
    const entry = { chart, box, draw };
    shown.set(box, entry);
    paint(entry);
    sizes.observe(box);
  });
  return element('figure', { class: shape }, element('figcaption', {}, title), box);
}

/** Frees the plots inside an element that is about to be removed. */
export function endPlots(parent: HTMLElement): void {
  for (const [box, { chart }] of shown) {
    if (!parent.contains(box)) continue;
    sizes.unobserve(box);
    chart.dispose();
    shown.delete(box);
  }
}

function paint({ chart, draw }: Shown): void {
  const drawn = draw(theme());
  if (drawn) chart.setOption({ ...drawn.option, tooltip: tooltip(drawn, theme()) }, { notMerge: true });
}

/** What ECharts tells a tooltip about the point under the pointer. */
interface Hovered {
  readonly axisValue?: number;
  readonly data?: { readonly tip?: Tip };
}

function tooltip({ tipAt }: Chart, { surface, text, grid }: Theme) {
  const tipOf = (hovered: Hovered | readonly Hovered[]): Tip | undefined => {
    const [first] = Array.isArray(hovered) ? (hovered as readonly Hovered[]) : [hovered as Hovered];
    return tipAt && first?.axisValue !== undefined ? tipAt(first.axisValue) : first?.data?.tip;
  };
  return {
    trigger: tipAt ? 'axis' : 'item',
    confine: true,
    transitionDuration: 0,
    backgroundColor: surface,
    borderColor: grid,
    textStyle: { color: text, fontSize: 13 },
    formatter: (hovered: Hovered | readonly Hovered[]) => {
      const tip = tipOf(hovered);
      return tip ? [tipElement(tip)] : '';
    },
  };
}

function tipElement({ title, rows }: Tip): HTMLElement {
  const lines = rows.map(({ label, value, colour }) => {
    const mark = element('span', { class: 'mark' });
    if (colour !== undefined) mark.style.background = colour;
    return element(
      'tr',
      {},
      element('td', {}, ...(colour === undefined ? [] : [mark]), label),
      element('td', { class: 'number' }, value),
    );
  });
  return element('div', { class: 'tip' }, element('strong', {}, title), element('table', {}, ...lines));
}
