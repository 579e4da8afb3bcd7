import type { Drawn, Objective, Observed } from '../data.ts';
import { BEST_MAX, isBetter, observedOf, ranked, thinned } from '../data.ts';
import type { Axis } from './axes.ts';
import { logTicks, numberAxis, placeOn } from './axes.ts';
import { describeExperiment, NO_METRIC, NO_OBSERVATION, sayBest } from './experiment.ts';
import type { Palette } from './palette.ts';
import { rankColour, rankColours } from './palette.ts';
import type { Nothing, Picture, PlotOption } from './picture.ts';
import { colourKey, frame, HEIGHT } from './picture.ts';
import { cut, plural, short, shown } from './text.ts';
import { edgeOf } from './window.ts';

/** Lines that can be drawn while somebody waits, and told apart. */
const LINES_MAX = 2_000;
const AXIS_WIDTH = 84;
const LABEL_MAX = 12;

/** Brushed intervals of each axis, by its index; an experiment passes where one of them holds its value. */
export type Brushes = ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>;

/** Experiments that can be compared, best first, and where each lies on every axis: the parameters', then the objective's. */
interface Placing {
  readonly best: readonly Observed[];
  /** Where the axis of the objective ends, if before its worst values. */
  readonly edge: number | null;
  readonly placesOf: (record: Observed) => readonly (number | null)[];
}

function placing(drawn: Drawn, { optimization }: Objective, parameters: readonly Axis[]): Placing {
  const best = ranked(observedOf(drawn), optimization);
  const edge = edgeOf(
    best.map((record) => record.objective),
    optimization,
  );
  const places = parameters.map(placeOn);
  return {
    best,
    edge,
    placesOf: ({ values, objective }) => [
      ...places.map((place, i) => place(values[i])),
      edge !== null && isBetter(edge, objective, optimization) ? edge : objective,
    ],
  };
}

/** Returns the numbers of the experiments whose lines pass through an interval of every brushed axis. */
export function passing(
  drawn: Drawn,
  parameters: readonly Axis[],
  brushes: Brushes,
): readonly number[] {
  if (drawn.objective === null) return [];
  const { best, placesOf } = placing(drawn, drawn.objective, parameters);
  return best
    .filter((record) => {
      const places = placesOf(record);
      return [...brushes].every(([axis, intervals]) => {
        const place = places[axis] ?? null;
        return place !== null && intervals.some(([from, to]) => place >= from && place <= to);
      });
    })
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}

/** Returns how one of the axes looks. */
function parallelAxis(
  palette: Palette,
  { name, kind, categories, extent, ticks }: Axis,
  dim: number,
): NonNullable<PlotOption['parallelAxis']> {
  // A rim, as lines pass through the labels.
  const rim = { textBorderColor: palette('ground'), textBorderWidth: 3 };
  const color = palette('ink');
  const look = {
    id: String(dim),
    dim,
    name: cut(name, LABEL_MAX),
    nameGap: 14,
    nameTextStyle: { color },
    axisLine: { lineStyle: { color: palette('muted') } },
    axisTick: { lineStyle: { color: palette('muted') } },
    areaSelectStyle: {
      width: 16,
      borderColor: palette('ink'),
      color: palette('muted'),
      opacity: 0.35,
    },
  };
  if (kind === 'category') {
    const data = categories.map((category) => cut(category, LABEL_MAX));
    return { ...look, type: 'category', data, axisLabel: { color, ...rim } };
  }
  const marked = ticks ?? (extent === null ? null : logTicks(extent));
  const labels = marked === null ? {} : { customValues: [...marked] };
  return {
    ...look,
    type: kind === 'log' ? 'log' : 'value',
    scale: true,
    axisLabel: { color, ...rim, formatter: short, ...labels },
    axisTick: { lineStyle: { color: palette('muted') }, ...labels },
    ...(extent === null ? {} : { min: extent[0], max: extent[1] }),
  };
}

/** Draws every experiment as a line through its values to its objective, coloured by rank. */
export function drawParallel(
  drawn: Drawn,
  parameters: readonly Axis[],
  palette: Palette,
): Picture | Nothing {
  const { objective } = drawn;
  if (objective === null) return { nothing: NO_METRIC };
  const { best, edge, placesOf } = placing(drawn, objective, parameters);
  const [incumbent] = best;
  if (incumbent === undefined) return { nothing: NO_OBSERVATION };
  const axes = [...parameters, numberAxis(objective.name)];
  const ranks = new Map(best.map(({ number }, rank) => [number, rank]));
  const share = (number: number): number =>
    best.length === 1 ? 1 : 1 - (ranks.get(number) ?? 0) / (best.length - 1);
  // The best are drawn last, above all others.
  const rows = thinned(best, LINES_MAX).toReversed();
  const opacity = Math.max(0.15, Math.min(0.8, 60 / rows.length));
  const values = parameters.map(({ name }, i) => `${name} ${shown(incumbent.values[i])}`);
  const beyond = edge === null ? '' : ` Values beyond ${short(edge)} are drawn on the edge.`;
  const few =
    rows.length < best.length
      ? ` Of ${plural(best.length, 'experiment')} ${rows.length} are drawn: the best ${BEST_MAX} and, evenly by rank, some of the others.`
      : '';
  return {
    height: HEIGHT,
    minWidth: Math.max(300, axes.length * AXIS_WIDTH),
    marks: rows.length,
    summary: `${sayBest(objective.name, incumbent)} It has ${values.join(', ')}.${few}${beyond}`,
    option: {
      ...frame(palette, (_, item) => describeExperiment(drawn, rows[item])),
      graphic: colourKey(palette, { colours: rankColours(palette), from: 'worst', to: 'best' }),
      parallel: { left: 40, right: 56, top: 64, bottom: 24 },
      parallelAxis: axes.flatMap((axis, dim) => parallelAxis(palette, axis, dim)),
      series: {
        type: 'parallel',
        smooth: false,
        inactiveOpacity: 0.04,
        activeOpacity: 0.9,
        data: rows.map((record) => ({
          value: placesOf(record).map((place) => place ?? '-'),
          lineStyle:
            record === incumbent
              ? { width: 3, opacity: 1, color: palette('best') }
              : {
                  width: 1.2,
                  opacity: opacity + (share(record.number) > 0.9 ? 0.3 : 0),
                  color: rankColour(palette, share(record.number)),
                },
        })),
      },
    },
  };
}
