import type { Curves, Optimization } from '../data.ts';
import { finite, isBetter } from '../data.ts';
import { numberAxis } from './axes.ts';
import type { Palette } from './palette.ts';
import { markOf } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { axisLook, frame, GRID, HEIGHT, legend, MIN_WIDTH } from './picture.ts';
import { fact, plural, short } from './text.ts';
import { edgeOf } from './window.ts';

/** How learning curves are drawn. */
export interface CurvesLook {
  readonly optimization: Optimization | null;
  /** Number of the incumbent, drawn above all others. */
  readonly incumbent: number | null;
  readonly isLog: boolean;
}

interface Curve {
  readonly number: number;
  readonly status: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** How a curve is told apart from others: the best one by itself, any other by its status. */
const BEST = 'best';

const lookOf = (palette: Palette, kind: string) => {
  const { token, symbol } =
    kind === BEST ? ({ token: BEST, symbol: 'none' } as const) : markOf(kind);
  const color = palette(token);
  return {
    itemStyle: { color },
    lineStyle: {
      color,
      width: kind === BEST ? 3 : 1.2,
      opacity: kind === BEST ? 1 : 0.65,
      type: kind === 'stopped' ? ('dashed' as const) : ('solid' as const),
    },
    // What ended in the usual way needs no mark.
    end: kind === 'succeeded' ? 'none' : symbol,
  };
};

/** Draws learning curves; those that were stopped are dashed, and what did not end in the usual way ends in its status' mark. */
export function drawCurves(curves: Curves, palette: Palette, look: CurvesLook): Picture | Nothing {
  const { optimization, incumbent, isLog } = look;
  const name = curves.metric ?? 'metric';
  const isDrawn = (value: number | null): value is number =>
    value !== null && (!isLog || value > 0);
  const items: readonly Curve[] = curves.items
    .map(({ number, status, steps, values }) => ({
      number,
      status,
      points: steps.flatMap((step, i): [number, number][] => {
        const value = finite(values[i]);
        return isDrawn(value) ? [[step, value]] : [];
      }),
    }))
    .filter(({ points }) => points.length > 0);
  if (items.length === 0) {
    return {
      nothing: `No experiment has reported ${name} with steps${isLog ? ' above zero' : ''}.`,
    };
  }
  const drawn = items.map(({ points }) => points.map(([, value]) => value));
  const edge = isLog || optimization === null ? null : edgeOf(drawn.flat(), optimization);
  const inside = (value: number): number =>
    edge !== null && optimization !== null && isBetter(edge, value, optimization) ? edge : value;
  const kindOf = ({ number, status }: Curve): string => (number === incumbent ? BEST : status);
  const kinds = [...new Set(items.map(kindOf))].sort();
  const stopped = items.filter(({ status }) => status === 'stopped').length;
  const lasts = drawn.map((values) => values.at(-1) ?? 0);
  return {
    height: HEIGHT,
    minWidth: MIN_WIDTH,
    marks:
      items.length + items.filter((item) => lookOf(palette, kindOf(item)).end !== 'none').length,
    summary: `${plural(items.length, 'learning curve')} of ${name}, ${stopped} of them stopped early. Their last values go from ${short(Math.min(...lasts))} to ${short(Math.max(...lasts))}.${
      incumbent !== null && items.some(({ number }) => number === incumbent)
        ? ` The thick line is experiment ${incumbent}, the best one.`
        : ''
    }${edge === null ? '' : ` Values beyond ${short(edge)} are drawn on the edge.`}`,
    option: {
      ...frame(palette, (series, item) => {
        const curve = items[series];
        const point = curve?.points[item];
        return curve === undefined
          ? []
          : [
              `#${curve.number}  ${curve.status}`,
              ...(point === undefined ? [] : [fact('step', point[0]), fact(name, point[1])]),
            ];
      }),
      grid: GRID,
      xAxis: axisLook(palette, numberAxis('step'), 'bottom'),
      yAxis: axisLook(palette, numberAxis(name, isLog ? drawn.flat() : undefined), 'left'),
      legend: { ...legend(palette, kinds), selectedMode: false },
      series: [
        ...items.map((item) => {
          const { number, status, points } = item;
          const { end, ...look } = lookOf(palette, kindOf(item));
          const last = points.length - 1;
          return {
            type: 'line' as const,
            name: `#${number}`,
            z: number === incumbent ? 4 : 2,
            triggerEvent: true,
            showSymbol: true,
            emphasis: { focus: 'series' as const, lineStyle: { width: 3 } },
            blur: { lineStyle: { opacity: 0.1 } },
            ...look,
            data: points.map(([step, value], i) => ({
              value: [step, inside(value)],
              // One measurement is a point, as no line leads to it.
              symbol: i < last ? 'none' : last === 0 ? markOf(status).symbol : end,
              symbolSize: 7,
            })),
          };
        }),
        // For the legend: a series of each kind, without data.
        ...kinds.map((kind) => {
          const { end, ...look } = lookOf(palette, kind);
          return {
            type: 'line' as const,
            name: kind,
            symbol: end,
            symbolSize: 7,
            ...look,
            data: [],
          };
        }),
      ],
    },
  };
}
