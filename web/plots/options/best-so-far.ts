import type { Drawn, Objective, Observed } from '../data.ts';
import { isBetter, observedOf, ranked, thinned } from '../data.ts';
import { numberAxis } from './axes.ts';
import {
  describeExperiment,
  incumbentOf,
  NO_METRIC,
  NO_OBSERVATION,
  sayBest,
} from './experiment.ts';
import type { Palette } from './palette.ts';
import { markOf } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { axisLook, endAt, frame, GRID, HEIGHT, legend, MIN_WIDTH } from './picture.ts';
import { plural, short } from './text.ts';
import { edgeOf } from './window.ts';

/** What the horizontal axis counts. */
export type Along = 'number' | 'minutes';

/** How the best so far is drawn. */
export interface BestSoFarLook {
  readonly along: Along;
  /** Points beside the line: the best and some of the others where there are more. */
  readonly pointsMax?: number;
}

const LINE = 'best so far';
const BEYOND = 'beyond the axis';
const MS_PER_MINUTE = 60_000;

/** An experiment and where it lies. */
interface Point {
  readonly record: Observed;
  readonly x: number;
}

/** Places experiments along the axis, in its order; those that nobody timed have no place in time. */
function pointsAlong(drawn: Drawn, along: Along): readonly Point[] {
  const observed = observedOf(drawn);
  if (along === 'number') {
    return observed.map((record) => ({ record, x: record.number })).sort((a, b) => a.x - b.x);
  }
  const startMs = drawn.records.reduce(
    (first, { startedMs }) => Math.min(first, startedMs ?? first),
    Number.POSITIVE_INFINITY,
  );
  return observed
    .flatMap((record) =>
      record.finishedMs === null
        ? []
        : [{ record, x: Math.max(0, record.finishedMs - startMs) / MS_PER_MINUTE }],
    )
    .sort((a, b) => a.x - b.x || a.record.number - b.record.number);
}

/** Returns the corners of the line of the best so far, from the first experiment to the last. */
export function bestSoFar(
  points: readonly Point[],
  { optimization }: Objective,
): readonly (readonly [x: number, best: number])[] {
  const corners: [number, number][] = [];
  let best: number | null = null;
  for (const { record, x } of points) {
    if (best !== null && !isBetter(record.objective, best, optimization)) continue;
    best = record.objective;
    corners.push([x, best]);
  }
  const last = points.at(-1);
  return last === undefined || best === null ? [] : [...corners, [last.x, best]];
}

/** Draws the objective of every experiment that has ended, and how the best of them came down or rose. */
export function drawBestSoFar(
  drawn: Drawn,
  palette: Palette,
  { along, pointsMax = Number.POSITIVE_INFINITY }: BestSoFarLook,
): Picture | Nothing {
  const { objective } = drawn;
  if (objective === null) return { nothing: NO_METRIC };
  const points = pointsAlong(drawn, along);
  const incumbent = incumbentOf(drawn);
  if (incumbent === null || points.length === 0) return { nothing: NO_OBSERVATION };
  const edge = edgeOf(
    points.map(({ record }) => record.objective),
    objective.optimization,
  );
  const isBeyond = ({ record }: Point): boolean =>
    edge !== null && isBetter(edge, record.objective, objective.optimization);
  const best = ranked(
    points.map(({ record }) => record),
    objective.optimization,
  );
  const drawnOnes = new Set(thinned(best, pointsMax));
  const shown = points.filter(({ record }) => drawnOnes.has(record));
  const statuses = [...new Set(shown.map(({ record }) => record.status))].sort();
  const groups = statuses.map((status) =>
    shown.filter((point) => point.record.status === status && !isBeyond(point)),
  );
  const beyond = shown.filter(isBeyond);
  const isMinimized = objective.optimization === 'minimize';
  return {
    height: HEIGHT,
    minWidth: MIN_WIDTH,
    marks: shown.length,
    summary: `${sayBest(objective.name, incumbent)} ${plural(points.length, 'experiment')} can be compared; the first had ${short(points[0]?.record.objective ?? Number.NaN)}.${
      beyond.length === 0
        ? ''
        : ` ${plural(beyond.length, 'worse value')} lie beyond the axis, drawn on its edge.`
    }`,
    option: {
      ...frame(palette, (series, item) =>
        describeExperiment(drawn, [...groups, beyond][series]?.[item]?.record),
      ),
      legend: legend(palette, [...statuses, ...(beyond.length > 0 ? [BEYOND] : []), LINE]),
      grid: GRID,
      xAxis: {
        ...axisLook(palette, numberAxis(along === 'number' ? 'experiment' : 'minutes'), 'bottom'),
        min: along === 'number' ? 'dataMin' : 0,
      },
      yAxis: {
        ...axisLook(palette, numberAxis(objective.name), 'left'),
        ...endAt(edge, objective.optimization),
      },
      series: [
        ...groups.map((group, i) => {
          const { token, symbol } = markOf(statuses[i] ?? '');
          return {
            type: 'scatter' as const,
            name: statuses[i] ?? '',
            symbol,
            symbolSize: 6,
            itemStyle: { color: palette(token), opacity: 0.75 },
            data: group.map(({ record, x }) => [x, record.objective]),
          };
        }),
        {
          type: 'scatter' as const,
          name: BEYOND,
          symbol: 'triangle',
          symbolRotate: isMinimized ? 0 : 180,
          symbolSize: 8,
          itemStyle: { color: palette('muted') },
          data: beyond.map(({ x }) => [x, edge ?? 0]),
        },
        {
          type: 'line' as const,
          name: LINE,
          step: 'end' as const,
          symbol: 'none',
          silent: true,
          lineStyle: { width: 2, color: palette('best') },
          itemStyle: { color: palette('best') },
          data: bestSoFar(points, objective).map(([x, best]) => [x, best]),
        },
      ],
    },
  };
}
