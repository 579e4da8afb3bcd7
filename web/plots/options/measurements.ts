import type { Measurement } from '../../../cli/answers.ts';
import { finite } from '../data.ts';
import { numberAxis } from './axes.ts';
import type { Palette } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { axisLook, frame, GRID, MIN_WIDTH } from './picture.ts';
import { fact, plural, short } from './text.ts';

/** One measurement as the service lists it. */
export type Measured = Pick<Measurement, 'metric' | 'value' | 'step' | 'attempt'>;

const HEIGHT = 240;
/** Points up to which each is drawn as one. */
const POINTS_MAX = 60;

/** Draws one metric of one experiment over its steps, a line for each attempt. */
export function drawMeasurements(
  { metric, measurements }: { readonly metric: string; readonly measurements: readonly Measured[] },
  palette: Palette,
): Picture | Nothing {
  const own = measurements.filter((measured) => measured.metric === metric);
  const hasSteps = own.every(({ step }) => step !== null);
  const points = own.map(({ step, value, attempt }, i) => ({
    attempt,
    x: (hasSteps ? step : null) ?? i + 1,
    value: finite(value),
  }));
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const last = values.at(-1);
  if (last === undefined) return { nothing: `No finite ${metric} has been reported.` };
  const attempts = [...new Set(points.map(({ attempt }) => attempt))];
  const lines = attempts.map((attempt) => points.filter((point) => point.attempt === attempt));
  const lost = points.length - values.length;
  return {
    height: HEIGHT,
    minWidth: MIN_WIDTH,
    marks: points.length,
    summary: `${plural(points.length, 'measurement')} of ${metric}, the last ${short(last)}, the smallest ${short(values.reduce((a, b) => Math.min(a, b)))}, the largest ${short(values.reduce((a, b) => Math.max(a, b)))}.${
      lost === 0 ? '' : ` ${lost} of them not finite, left out.`
    }`,
    option: {
      ...frame(palette, (series, item) => {
        const point = lines[series]?.[item];
        if (point === undefined) return [];
        return [
          fact(metric, point.value),
          fact(hasSteps ? 'step' : 'measurement', point.x),
          ...(attempts.length > 1 ? [fact('attempt', point.attempt)] : []),
        ];
      }),
      grid: GRID,
      xAxis: axisLook(palette, numberAxis(hasSteps ? 'step' : 'measurement'), 'bottom'),
      yAxis: axisLook(palette, numberAxis(metric), 'left'),
      series: lines.map((line, i) => {
        // What an earlier attempt reported no longer counts.
        const color = palette(i === lines.length - 1 ? 'succeeded' : 'queued');
        return {
          type: 'line' as const,
          symbol: 'circle',
          symbolSize: 5,
          showSymbol: line.length <= POINTS_MAX,
          lineStyle: { color, width: 2 },
          itemStyle: { color },
          data: line.map(({ x, value }) => [x, value ?? '-']),
        };
      }),
    },
  };
}
