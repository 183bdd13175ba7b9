import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from './theme.ts';

/** The description of a plot, for the page as well as for files. */
export interface Chart {
  /** A text that describes the plot to people who cannot see it. */
  readonly alt: string;
  readonly option: EChartsCoreOption;
  /** The tooltip at a position of the horizontal axis; without it every data point has its own `tip`. */
  readonly tipAt?: (x: number) => Tip | undefined;
}

export interface Tip {
  readonly title: string;
  readonly rows: readonly TipRow[];
}

export interface TipRow {
  readonly label: string;
  readonly value: string;
  readonly colour?: string;
}

interface Axis {
  readonly name: string;
  readonly format: (value: number) => string;
  readonly min?: number;
  readonly max?: number;
  readonly log?: boolean;
}

const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif";

export function frame(theme: Theme, { legend = true } = {}): EChartsCoreOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    color: [...theme.series],
    textStyle: { fontFamily: FONT, color: theme.text },
    grid: {
      left: 8,
      right: 20,
      top: legend ? 44 : 16,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    ...(legend && {
      legend: {
        top: 0,
        left: 0,
        right: 0,
        itemWidth: 18,
        itemHeight: 9,
        type: 'scroll',
        textStyle: { color: theme.text, fontFamily: FONT },
        inactiveColor: theme.muted,
        pageTextStyle: { color: theme.text },
        pageIconColor: theme.text,
        pageIconInactiveColor: theme.grid,
      },
    }),
  };
}

/** Two numeric axes. */
export function axes(theme: Theme, x: Axis, y: Axis): EChartsCoreOption {
  return { xAxis: axis(theme, x, 'x'), yAxis: axis(theme, y, 'y') };
}

function axis(theme: Theme, { name, format, min, max, log = false }: Axis, side: 'x' | 'y') {
  return {
    type: log ? 'log' : 'value',
    name,
    ...nameOf(theme, side),
    scale: true,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    splitNumber: 5,
    axisLine: { show: side === 'x', onZero: false, lineStyle: { color: theme.muted } },
    axisTick: { show: side === 'x', lineStyle: { color: theme.muted } },
    axisLabel: { color: theme.muted, hideOverlap: true, formatter: format },
    splitLine: { show: side === 'y', lineStyle: { color: theme.grid } },
    axisPointer: { label: { show: false }, lineStyle: { color: theme.muted } },
  };
}

export const nameOf = (theme: Theme, side: 'x' | 'y') => ({
  nameLocation: 'middle',
  nameGap: side === 'x' ? 28 : 48,
  nameTextStyle: { color: theme.text, fontFamily: FONT },
});
