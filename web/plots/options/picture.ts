import type { EChartsOption, TooltipComponentOption } from 'echarts';
import type { Optimization } from '../data.ts';
import type { Axis } from './axes.ts';
import { logTicks } from './axes.ts';
import type { Palette } from './palette.ts';
import { cut, lines, short } from './text.ts';

/*
 * What all pictures have in common. A builder turns data into an option of ECharts and knows nothing of a page: the
 * same picture is drawn in the browser and, as a string, by `rungwise export --format html`.
 */

export type PlotOption = EChartsOption;

/** A plot ready to be drawn. */
export interface Picture {
  readonly option: PlotOption;
  /** Pixels. */
  readonly height: number;
  /** Below this width, in pixels, it scrolls. */
  readonly minWidth: number;
  /** What the picture shows, for those who do not see it. */
  readonly summary: string;
  /** How many things are drawn. */
  readonly marks: number;
}

/** Nothing could be drawn: why, in a sentence. */
export interface Nothing {
  readonly nothing: string;
}

export const isNothing = (picture: Picture | Nothing): picture is Nothing => 'nothing' in picture;

// No name with a quote in it: ECharts writes it into an attribute as it is.
const FONT = 'system-ui, sans-serif';
export const HEIGHT = 360;
export const MIN_WIDTH = 300;
/** Where axes lie, with room for a legend above and a name below. */
export const GRID = {
  left: 12,
  right: 24,
  top: 48,
  bottom: 44,
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
} as const;
const NAME_MAX = 40;

type Formatter = Extract<
  NonNullable<TooltipComponentOption['formatter']>,
  (...args: never[]) => unknown
>;

/**
 * Returns what every picture begins with. Nothing moves: a picture that follows a search is drawn anew every few seconds.
 *
 * @param describe - lines of text about what is hovered over: an item of a series, both by index
 */
export function frame(
  palette: Palette,
  describe: (series: number, item: number) => readonly string[],
): PlotOption {
  const formatter: Formatter = (params) => {
    const one = Array.isArray(params) ? params[0] : params;
    return one === undefined ? '' : lines(describe(one.seriesIndex ?? 0, one.dataIndex));
  };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, fontSize: 12, color: palette('ink') },
    tooltip: {
      trigger: 'item',
      // Markup with styles of its own would be refused by the page's content security policy.
      renderMode: 'richText',
      confine: true,
      backgroundColor: palette('ground'),
      borderColor: palette('muted'),
      borderWidth: 1,
      padding: 8,
      textStyle: { color: palette('ink'), fontFamily: FONT, fontSize: 12, lineHeight: 18 },
      formatter,
    },
  };
}

/** Returns a legend at the top, for series with these names. */
export const legend = (
  palette: Palette,
  data: readonly string[],
): NonNullable<PlotOption['legend']> => ({
  data: [...data],
  top: 0,
  right: 8,
  itemWidth: 14,
  itemHeight: 10,
  itemGap: 12,
  textStyle: { color: palette('ink') },
  inactiveColor: palette('grid'),
  type: 'scroll',
  left: 'center',
  pageTextStyle: { color: palette('ink') },
  pageIconColor: palette('ink'),
  pageIconInactiveColor: palette('grid'),
});

const CATEGORY_MAX = 16;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Room beside the first and the last value of a logarithmic axis, as a share of it. */
const MARGIN = 0.03;

/** Returns where an axis begins and ends, and where its labels are, if it is not for ECharts to say. */
function placesOf({ kind, categories, extent, ticks }: Axis) {
  if (kind === 'category') {
    const customValues = range(categories.length);
    return { bounds: { min: -0.5, max: categories.length - 0.5 }, labels: { customValues } };
  }
  const marked = ticks ?? (extent === null ? null : logTicks(extent));
  const labels = marked === null ? {} : { customValues: [...marked] };
  if (extent === null) return { bounds: {}, labels };
  const [low, high] = extent;
  const margin = (high / low) ** MARGIN;
  return { bounds: { min: low / margin, max: high * margin }, labels };
}

/**
 * Returns how an axis looks, at the bottom or on the left.
 */
export function axisLook(palette: Palette, axis: Axis, side: 'bottom' | 'left') {
  const { kind, categories } = axis;
  const isCategory = kind === 'category';
  const { bounds, labels } = placesOf(axis);
  return {
    type: kind === 'log' ? ('log' as const) : ('value' as const),
    name: cut(axis.name, NAME_MAX),
    scale: true,
    nameLocation: side === 'bottom' ? ('middle' as const) : ('end' as const),
    nameGap: side === 'bottom' ? 28 : 12,
    nameTextStyle: {
      color: palette('ink'),
      align: side === 'bottom' ? ('center' as const) : ('left' as const),
    },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette('muted') } },
    axisTick: { show: isCategory, ...labels },
    axisLabel: {
      color: palette('muted'),
      hideOverlap: true,
      formatter: (value: number) =>
        isCategory ? cut(categories[value] ?? '', CATEGORY_MAX) : short(value),
      ...labels,
    },
    splitLine: { show: !isCategory, lineStyle: { color: palette('grid') } },
    ...bounds,
  };
}

/** Returns what ends an axis of objectives before its worst values. */
export const endAt = (edge: number | null, optimization: Optimization | null) =>
  edge === null ? {} : { [optimization === 'maximize' ? 'min' : 'max']: edge };

/** Returns a strip of colours with a word at either end, at the top left: in sight where the picture scrolls. */
export const colourKey = (
  palette: Palette,
  {
    colours,
    from,
    to,
  }: { readonly colours: readonly string[]; readonly from: string; readonly to: string },
): NonNullable<PlotOption['graphic']> => {
  const cell = 12;
  const width = cell * colours.length;
  const word = (text: string, x: number, align: 'left' | 'right'): object => ({
    type: 'text',
    x,
    y: 0,
    style: {
      text,
      align,
      fill: palette('ink'),
      fontSize: 12,
      fontFamily: FONT,
      verticalAlign: 'top',
    },
  });
  return [
    {
      type: 'group',
      left: 8,
      top: 4,
      silent: true,
      children: [
        word(from, -6, 'right'),
        ...colours.map((fill, i) => ({
          type: 'rect' as const,
          shape: { x: i * cell, y: 0, width: cell, height: 12 },
          style: { fill },
        })),
        word(to, width + 6, 'left'),
      ],
    },
  ];
};
