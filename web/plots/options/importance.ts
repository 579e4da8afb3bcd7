import type { Importance } from '../data.ts';
import type { Palette } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { frame, GRID, MIN_WIDTH } from './picture.ts';
import { cut, fact, listed, plural } from './text.ts';

const ROW_HEIGHT = 26;
const MARGIN = 64;
const NAME_MAX = 28;
const SAID_MAX = 3;

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

interface Row {
  readonly name: string;
  readonly importance: number;
  readonly error: number | null;
}

/** Draws how much of the metric's variance each parameter explains alone, and which pairs explain more together. */
export function drawImportance(importance: Importance, palette: Palette): Picture | Nothing {
  const singles: readonly Row[] = importance.parameters
    .map(({ name, importance: share, standard_error: error }) => ({
      name,
      importance: share,
      error,
    }))
    .sort((a, b) => b.importance - a.importance);
  if (singles.length === 0) {
    return {
      nothing: `Too few experiments have succeeded to say what matters (${importance.observations}).`,
    };
  }
  const pairs: readonly Row[] = (importance.pairs ?? []).map(({ names, importance: share }) => ({
    name: names.join(' × '),
    importance: share,
    error: null,
  }));
  const rows = [...singles, ...pairs];
  const most = singles.slice(0, SAID_MAX).map((row) => `${row.name} ${percent(row.importance)}`);
  return {
    height: MARGIN + ROW_HEIGHT * rows.length,
    minWidth: MIN_WIDTH,
    marks: rows.length,
    summary: `Of the variance of ${importance.metric ?? 'the metric'}, ${listed(most)} is explained by single parameters, from ${plural(importance.observations, 'experiment')}.`,
    option: {
      ...frame(palette, (_, item) => {
        const row = rows[item];
        if (row === undefined) return [];
        const { name, error } = row;
        return [
          fact(name, percent(row.importance)),
          ...(error === null ? [] : [fact('standard error', percent(error))]),
        ];
      }),
      grid: { ...GRID, left: 24, right: 64, top: 8, bottom: 28 },
      xAxis: {
        type: 'value',
        min: 0,
        axisLabel: { color: palette('muted'), formatter: percent, hideOverlap: true },
        splitLine: { lineStyle: { color: palette('grid') } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map(({ name }) => cut(name, NAME_MAX)),
        axisLabel: { color: palette('ink'), interval: 0 },
        axisLine: { lineStyle: { color: palette('muted') } },
        axisTick: { show: false },
      },
      series: [
        {
          type: 'bar',
          barWidth: 14,
          data: rows.map((row, i) => ({
            value: row.importance,
            // A pair is no parameter: hollow, so that it is not added to those above.
            itemStyle:
              i < singles.length
                ? { color: palette('succeeded') }
                : { color: palette('ground'), borderColor: palette('succeeded'), borderWidth: 1.5 },
          })),
        },
        {
          type: 'custom',
          silent: true,
          z: 3,
          data: rows.map(({ importance: share, error }, i) => [
            Math.max(0, share - (error ?? 0)),
            share + (error ?? 0),
            i,
          ]),
          encode: { x: [0, 1], y: 2 },
          renderItem: ({ dataIndex }, api) => {
            const [left = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
            const [right = 0] = api.coord([api.value(1), api.value(2)]);
            const style = { stroke: palette('ink'), lineWidth: 1.5, fill: 'none' };
            const line = (x1: number, y1: number, x2: number, y2: number) => ({
              type: 'line' as const,
              shape: { x1, y1, x2, y2 },
              style,
            });
            return {
              type: 'group',
              children: [
                ...(rows[dataIndex]?.error === null
                  ? []
                  : [
                      line(left, y, right, y),
                      line(left, y - 4, left, y + 4),
                      line(right, y - 4, right, y + 4),
                    ]),
                // Beside the whisker, which a label of the bar would lie under.
                {
                  type: 'text' as const,
                  x: right + 8,
                  y,
                  style: {
                    text: percent(rows[dataIndex]?.importance ?? 0),
                    fill: palette('ink'),
                    fontSize: 12,
                    verticalAlign: 'middle' as const,
                  },
                },
              ],
            };
          },
        },
      ],
    },
  };
}
