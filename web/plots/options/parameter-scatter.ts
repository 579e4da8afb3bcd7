import type { Drawn, Observed } from '../data.ts';
import { isBetter, observedOf, ranked } from '../data.ts';
import type { Axis } from './axes.ts';
import { numberAxis, placeOn } from './axes.ts';
import { describeExperiment, NO_METRIC, NO_OBSERVATION, sayBest } from './experiment.ts';
import type { Palette } from './palette.ts';
import { markOf } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { axisLook, endAt, frame, GRID, HEIGHT, legend, MIN_WIDTH } from './picture.ts';
import { plural, shown } from './text.ts';
import { edgeOf } from './window.ts';

/** How far apart equal categories are drawn, as a share of the room between two. */
const JITTER = 0.5;
/** Multiples of it fill an interval evenly. */
const GOLDEN = 0.618_033_988_749_895;

/** Where an experiment lies beside the middle of its category; always the same for one number. */
const jitterOf = (number: number): number => (((number * GOLDEN) % 1) - 0.5) * JITTER;

const INCUMBENT = 'best';

/** Draws a parameter against the metric. */
export function drawParameter(drawn: Drawn, axis: Axis, palette: Palette): Picture | Nothing {
  const { objective } = drawn;
  if (objective === null) return { nothing: NO_METRIC };
  const best = ranked(observedOf(drawn), objective.optimization);
  const [incumbent] = best;
  if (incumbent === undefined) return { nothing: NO_OBSERVATION };
  const parameter = drawn.parameters.indexOf(axis.name);
  const place = placeOn(axis);
  const edge = edgeOf(
    best.map((record) => record.objective),
    objective.optimization,
  );
  const isBeyond = (record: Observed): boolean =>
    edge !== null && isBetter(edge, record.objective, objective.optimization);
  const pointOf = (record: Observed): (number | string)[] => {
    const at = place(record.values[parameter]);
    const x = at === null ? '-' : axis.kind === 'category' ? at + jitterOf(record.number) : at;
    return [x, isBeyond(record) ? (edge ?? 0) : record.objective];
  };
  const statuses = [...new Set(best.map(({ status }) => status))].sort();
  const groups = statuses.map((status) => best.filter((record) => record.status === status));
  const beyond = best.filter(isBeyond).length;
  return {
    height: HEIGHT,
    minWidth: MIN_WIDTH,
    marks: best.length,
    summary: `${sayBest(objective.name, incumbent)} Its ${axis.name} is ${shown(incumbent.values[parameter])}.${
      beyond === 0 ? '' : ` ${plural(beyond, 'worse value')} beyond the axis, drawn on its edge.`
    }`,
    option: {
      ...frame(palette, (series, item) =>
        describeExperiment(drawn, [...groups, [incumbent]][series]?.[item]),
      ),
      legend: legend(palette, [...statuses, INCUMBENT]),
      grid: GRID,
      xAxis: axisLook(palette, axis, 'bottom'),
      yAxis: {
        ...axisLook(palette, numberAxis(objective.name), 'left'),
        ...endAt(edge, objective.optimization),
      },
      series: [
        ...groups.map((group, i) => {
          const status = statuses[i] ?? '';
          const { token, symbol } = markOf(status);
          return {
            type: 'scatter' as const,
            name: status,
            symbol,
            symbolSize: 6,
            itemStyle: { color: palette(token), opacity: 0.7 },
            data: group.map(pointOf),
          };
        }),
        {
          type: 'scatter' as const,
          name: INCUMBENT,
          symbol: 'diamond',
          symbolSize: 14,
          itemStyle: {
            color: palette('best'),
            borderColor: palette('ground'),
            borderWidth: 1.5,
          },
          data: [pointOf(incumbent)],
        },
      ],
    },
  };
}
