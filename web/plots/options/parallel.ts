import type { Drawn, Observed } from '../data.ts';
import { observedOf, ranked } from '../data.ts';
import type { Axis } from './axes.ts';
import { placeOn } from './axes.ts';
import { describeExperiment, NO_METRIC, NO_OBSERVATION, sayBest } from './experiment.ts';
import type { Palette } from './palette.ts';
import { rankColour, rankColours } from './palette.ts';
import type { Nothing, Picture, PlotOption } from './picture.ts';
import { colourKey, frame, HEIGHT, numberAxis } from './picture.ts';
import { cut, plural, short, shown } from './text.ts';

/** Lines that can be drawn while somebody waits, and told apart. */
const LINES_MAX = 2_000;
/** Of these so many are the best ones, the others every so many-th by rank. */
const BEST_MAX = 500;
const AXIS_WIDTH = 84;
const LABEL_MAX = 12;
/** From this ratio of the worst objective to the best on, objectives are seen by factors. */
const WIDE = 1_000;

/** Brushed intervals of each axis, by its index; an experiment passes where one of them holds its value. */
export type Brushes = ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>;

/** A picture whose axes can be brushed. */
export interface ParallelPicture extends Picture {
  /** Numbers of the experiments whose lines pass through an interval of every brushed axis. */
  readonly selected: (brushes: Brushes) => readonly number[];
}

/** Returns the best experiments and, evenly by rank, some of the others. */
function thinned(best: readonly Observed[]): readonly Observed[] {
  if (best.length <= LINES_MAX) return best;
  const rest = best.slice(BEST_MAX);
  const others = LINES_MAX - BEST_MAX;
  const every = rest.length / others;
  return [
    ...best.slice(0, BEST_MAX),
    ...rest.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every)),
  ];
}

const passes = (brushes: Brushes, places: readonly (number | null)[]): boolean =>
  [...brushes].every(([axis, intervals]) => {
    const place = places[axis] ?? null;
    return place !== null && intervals.some(([from, to]) => place >= from && place <= to);
  });

/** The axis of the objective, by factors where the worst is far from the best. */
function objectiveAxis(name: string, best: readonly Observed[]): Axis {
  const ends = [best[0]?.objective ?? 0, best.at(-1)?.objective ?? 0];
  const low = Math.min(...ends);
  return numberAxis(name, low > 0 && Math.max(...ends) > WIDE * low);
}

/** Returns how one of the axes looks. */
function parallelAxis(
  palette: Palette,
  { name, kind, categories }: Axis,
  dim: number,
): NonNullable<PlotOption['parallelAxis']> {
  const look = {
    id: String(dim),
    dim,
    name: cut(name, LABEL_MAX),
    nameGap: 14,
    nameTextStyle: { color: palette('ink') },
    axisLine: { lineStyle: { color: palette('muted') } },
    axisTick: { lineStyle: { color: palette('muted') } },
    areaSelectStyle: {
      width: 16,
      borderColor: palette('ink'),
      color: palette('muted'),
      opacity: 0.35,
    },
  };
  const color = palette('muted');
  return kind === 'category'
    ? {
        ...look,
        type: 'category',
        data: categories.map((category) => cut(category, LABEL_MAX)),
        axisLabel: { color },
      }
    : {
        ...look,
        type: kind === 'log' ? 'log' : 'value',
        scale: true,
        axisLabel: { color, formatter: short },
      };
}

/** Draws every experiment as a line through its values to its objective, coloured by rank. */
export function drawParallel(
  drawn: Drawn,
  parameters: readonly Axis[],
  palette: Palette,
): ParallelPicture | Nothing {
  const { objective } = drawn;
  if (objective === null) return { nothing: NO_METRIC };
  const best = ranked(observedOf(drawn), objective.optimization);
  const [incumbent] = best;
  if (incumbent === undefined) return { nothing: NO_OBSERVATION };
  const axes = [...parameters, objectiveAxis(objective.name, best)];
  const places = axes.map(placeOn);
  const placesOf = (record: Observed): readonly (number | null)[] =>
    places.map((place, i) => place(i < parameters.length ? record.values[i] : record.objective));
  const ranks = new Map(best.map(({ number }, rank) => [number, rank]));
  const share = (number: number): number =>
    best.length === 1 ? 1 : 1 - (ranks.get(number) ?? 0) / (best.length - 1);
  // The best are drawn last, above all others.
  const rows = thinned(best).toReversed();
  const opacity = Math.max(0.15, Math.min(0.8, 60 / rows.length));
  const values = parameters.map(({ name }, i) => `${name} ${shown(incumbent.values[i])}`);
  const few =
    rows.length < best.length
      ? ` Of ${plural(best.length, 'experiment')} ${rows.length} are drawn: the best ${BEST_MAX} and, evenly by rank, some of the others.`
      : '';
  return {
    height: HEIGHT,
    minWidth: Math.max(300, axes.length * AXIS_WIDTH),
    marks: rows.length,
    summary: `${sayBest(objective.name, incumbent)} It has ${values.join(', ')}.${few}`,
    selected: (brushes) =>
      best
        .filter((record) => passes(brushes, placesOf(record)))
        .map(({ number }) => number)
        .sort((a, b) => a - b),
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
