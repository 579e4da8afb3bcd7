import type { Optimization, Rungs } from '../data.ts';
import { finite, isBetter } from '../data.ts';
import type { Palette, Token } from './palette.ts';
import { CROSS } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { frame, legend } from './picture.ts';
import { fact, plural, shown } from './text.ts';

type Bracket = NonNullable<Rungs['brackets']>[number];
type Rung = Bracket['rungs'][number];
type OnRung = Rung['experiments'][number];

/** A triangle that points at the next rung. */
const ONWARD = 'path://M0,0 L10,5 L0,10 Z';

/** How an experiment stands on its rung. */
const STANDINGS = {
  promoted: { token: 'succeeded', symbol: ONWARD },
  'at the top': { token: 'succeeded', symbol: 'circle' },
  waits: { token: 'succeeded', symbol: 'emptyCircle' },
  running: { token: 'running', symbol: 'roundRect' },
  queued: { token: 'queued', symbol: 'emptyRect' },
  failed: { token: 'failed', symbol: CROSS },
  'not promoted': { token: 'queued', symbol: 'circle' },
} as const satisfies Record<string, { readonly token: Token; readonly symbol: string }>;

type Standing = keyof typeof STANDINGS;
const ALL: readonly Standing[] = [
  'promoted',
  'at the top',
  'waits',
  'running',
  'queued',
  'failed',
  'not promoted',
];

const WITHOUT_RESULT: Readonly<Record<string, Standing>> = {
  queued: 'queued',
  running: 'running',
  failed: 'failed',
  infeasible: 'failed',
};

/** Room between two rungs and between two brackets, in marks. */
const GAP_X = 3;
const GAP_Y = 1.5;
/** Pixels of one mark with its margin: fewer where there are many, so that the picture fits a screen. */
const ROOM_MAX = 14;
const ROOM_MIN = 6;
const HEIGHT_MAX = 640;
const MARGINS = 110;

/** An experiment at its place: units of one mark. */
interface Placed {
  readonly experiment: OnRung;
  readonly standing: Standing;
  readonly rung: Rung;
  readonly x: number;
  readonly y: number;
}

function standingOf(experiment: OnRung, rung: Rung, isTop: boolean): Standing {
  if (experiment.promoted) return 'promoted';
  const standing = WITHOUT_RESULT[experiment.status];
  if (standing !== undefined) return standing;
  if (isTop) return 'at the top';
  return rung.status === 'closed' ? 'not promoted' : 'waits';
}

/** Best first; those without a finite objective last, by number. */
function inOrder(rung: Rung, optimization: Optimization): readonly OnRung[] {
  const sign = optimization === 'minimize' ? 1 : -1;
  const key = ({ objective }: OnRung): number => {
    const value = finite(objective);
    return value === null ? Number.POSITIVE_INFINITY : sign * value;
  };
  return rung.experiments.toSorted((a, b) => {
    const [first, second] = [key(a), key(b)];
    return first === second ? a.number - b.number : first - second;
  });
}

const mostOf = (bracket: Bracket): number =>
  bracket.rungs.reduce((most, { experiments }) => Math.max(most, experiments.length), 1);

interface Layout {
  readonly placed: readonly Placed[];
  readonly columns: readonly { readonly resource: number; readonly middle: number }[];
  readonly rows: readonly { readonly bracket: number; readonly middle: number }[];
  readonly width: number;
  readonly height: number;
}

/** Places experiments: a row for each bracket, a column for each resource, in each cell a block of marks. */
function layOut(brackets: readonly Bracket[], optimization: Optimization): Layout {
  const resources = [
    ...new Set(brackets.flatMap(({ rungs }) => rungs.map(({ resource }) => resource))),
  ].sort((a, b) => a - b);
  const depths = brackets.map((bracket) => Math.ceil(Math.sqrt(mostOf(bracket))));
  const widths = resources.map((resource) =>
    brackets.reduce((most, { rungs }, b) => {
      const count = rungs.find((rung) => rung.resource === resource)?.experiments.length ?? 0;
      return Math.max(most, Math.ceil(count / (depths[b] ?? 1)));
    }, 1),
  );
  let width = 0;
  const lefts = widths.map((own) => {
    const left = width;
    width += own + GAP_X;
    return left;
  });
  let height = 0;
  const tops = depths.map((depth) => {
    const top = height;
    height += depth + GAP_Y;
    return top;
  });
  const placed = brackets.flatMap(({ rungs }, b) =>
    rungs.flatMap((rung, r) => {
      const column = resources.indexOf(rung.resource);
      const depth = depths[b] ?? 1;
      // The best on the right, beside the rung where they go on.
      const right = (lefts[column] ?? 0) + (widths[column] ?? 1) - 1;
      return inOrder(rung, optimization).map((experiment, i) => ({
        experiment,
        rung,
        standing: standingOf(experiment, rung, r === rungs.length - 1),
        x: right - Math.floor(i / depth),
        y: (tops[b] ?? 0) + (i % depth),
      }));
    }),
  );
  return {
    placed,
    columns: resources.map((resource, i) => ({
      resource,
      middle: (lefts[i] ?? 0) + ((widths[i] ?? 1) - 1) / 2,
    })),
    rows: brackets.map(({ bracket }, b) => ({
      bracket,
      middle: (tops[b] ?? 0) + ((depths[b] ?? 1) - 1) / 2,
    })),
    width: width - GAP_X,
    height: height - GAP_Y,
  };
}

/** Numbers of the best experiment on the highest rung and of those that it continues. */
function lineageOf(placed: readonly Placed[], optimization: Optimization): ReadonlySet<number> {
  const top = placed.reduce<Placed | null>((best, one) => {
    const value = finite(one.experiment.objective);
    if (value === null || WITHOUT_RESULT[one.experiment.status] !== undefined) return best;
    const known = best === null ? null : finite(best.experiment.objective);
    return known === null || isBetter(value, known, optimization) ? one : best;
  }, null);
  const parents = new Map(placed.map(({ experiment: { number, parent } }) => [number, parent]));
  const lineage = new Set<number>();
  for (let at = top?.experiment.number ?? null; at !== null && !lineage.has(at); ) {
    lineage.add(at);
    at = parents.get(at) ?? null;
  }
  return lineage;
}

/** Draws brackets and rungs with all experiments on them, and from whom each goes on. */
export function drawRungs(
  { rungs, resource }: { readonly rungs: Rungs; readonly resource: string },
  palette: Palette,
): Picture | Nothing {
  const brackets = rungs.brackets?.filter(({ rungs: own }) =>
    own.some(({ experiments }) => experiments.length > 0),
  );
  if (brackets === undefined) return { nothing: 'This search has no rungs.' };
  const optimization = rungs.optimization ?? 'minimize';
  const { placed, columns, rows, width, height } = layOut(brackets, optimization);
  if (placed.length === 0) return { nothing: 'No experiment is on a rung yet.' };
  const room = Math.max(ROOM_MIN, Math.min(ROOM_MAX, Math.floor(HEIGHT_MAX / height)));
  const lineage = lineageOf(placed, optimization);
  const places = new Map(placed.map((one) => [one.experiment.number, one]));
  const links = placed.flatMap(({ experiment: { number, parent }, x, y }) => {
    const from = parent === null ? undefined : places.get(parent);
    return from === undefined
      ? []
      : [
          {
            number,
            coords: [
              [from.x, from.y],
              [x, y],
            ],
          },
        ];
  });
  const standings = ALL.filter((standing) => placed.some((one) => one.standing === standing));
  const groups = standings.map((standing) => placed.filter((one) => one.standing === standing));
  const counts = standings.map((standing, i) => `${groups[i]?.length ?? 0} ${standing}`);
  const label = { color: palette('muted') };
  const bare = { axisLine: { show: false }, splitLine: { show: false } };
  const columnMiddles = columns.map(({ middle }) => middle);
  const rowMiddles = rows.map(({ middle }) => middle);
  return {
    height: Math.ceil(height * room) + MARGINS,
    minWidth: Math.ceil(width * room) + MARGINS,
    marks: placed.length,
    summary: `${plural(rows.length, 'bracket')} with ${plural(placed.length, 'experiment')} on their rungs: ${counts.join(', ')}.${
      lineage.size > 1
        ? ` The best one went through experiments ${[...lineage].reverse().join(', ')}.`
        : ''
    }${rungs.truncated ? ' Not all experiments of the lowest rungs are drawn.' : ''}`,
    option: {
      ...frame(palette, (series, item) => {
        const one = groups[series - 1]?.[item];
        if (one === undefined) return [];
        const { number, status, objective, parent } = one.experiment;
        return [
          `#${number}  ${status}, ${one.standing}`,
          fact(rungs.metric ?? 'objective', objective),
          fact(resource, one.rung.resource),
          ...(parent === null ? [] : [fact('continues', `#${parent}`)]),
        ];
      }),
      legend: legend(palette, standings),
      grid: { left: 88, right: 16, top: 44, bottom: 52 },
      xAxis: {
        type: 'value',
        min: -1,
        max: width,
        name: resource,
        nameLocation: 'middle',
        nameGap: 30,
        nameTextStyle: { color: palette('ink') },
        axisLabel: {
          ...label,
          customValues: columnMiddles,
          formatter: (value) => shown(columns[columnMiddles.indexOf(value)]?.resource),
        },
        axisTick: { show: false },
        ...bare,
      },
      yAxis: {
        type: 'value',
        inverse: true,
        min: -1,
        max: height,
        axisLabel: {
          ...label,
          customValues: rowMiddles,
          formatter: (value) => `bracket ${rows[rowMiddles.indexOf(value)]?.bracket ?? ''}`,
        },
        axisTick: { show: false },
        ...bare,
      },
      series: [
        {
          type: 'lines',
          coordinateSystem: 'cartesian2d',
          silent: true,
          z: 1,
          data: links.map(({ number, coords }) => ({
            coords,
            lineStyle: lineage.has(number)
              ? { color: palette('best'), width: 2, opacity: 1 }
              : { color: palette('muted'), width: 0.75, opacity: 0.5 },
          })),
        },
        ...groups.map((group, i) => {
          const standing = standings[i] ?? 'waits';
          const { token, symbol } = STANDINGS[standing];
          return {
            type: 'scatter' as const,
            name: standing,
            symbol,
            symbolSize: room - 4,
            itemStyle: { color: palette(token), opacity: 1 },
            data: group.map(({ x, y }) => [x, y]),
          };
        }),
      ],
    },
  };
}
