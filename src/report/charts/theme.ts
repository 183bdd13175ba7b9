/** Colours of a chart. */
export interface Theme {
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  /** Colours of series that colour-blind people can tell apart: those of Okabe and Ito that stand out from the background. */
  readonly series: readonly string[];
  /** Colours of ordered values, from least to most. */
  readonly scale: readonly string[];
  /** Colours of a heat map's cell, for 0 and for 1. */
  readonly heat: readonly [string, string];
}

/** Viridis, without the end that is hard to see on the background. */
const VIRIDIS = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];

export const LIGHT: Theme = {
  surface: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  grid: '#dfe3e8',
  series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#1f2328', '#b47a00'],
  scale: VIRIDIS.slice(0, 6),
  heat: ['#ffffff', '#0072b2'],
};

export const DARK: Theme = {
  surface: '#16191d',
  text: '#e6e9ec',
  muted: '#a0a8b1',
  grid: '#353b43',
  series: ['#56b4e9', '#e69f00', '#2bbf95', '#cc79a7', '#f0e442', '#e6e9ec'],
  scale: VIRIDIS.slice(2),
  heat: ['#16191d', '#56b4e9'],
};

/** The colour at a position of an ordered scale. @param fraction from 0 to 1 */
export function colourAt(scale: readonly string[], fraction: number): string {
  const place = Math.min(Math.max(fraction, 0), 1) * (scale.length - 1);
  const below = Math.floor(place);
  const [from, to] = [scale[below]!, scale[Math.min(below + 1, scale.length - 1)]!].map(channels);
  return `rgb(${from!.map((value, index) => Math.round(value + (to![index]! - value) * (place - below))).join(',')})`;
}

const channels = (hex: string) => [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
