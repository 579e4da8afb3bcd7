import type { Contour, Drawn } from '../data.ts';
import { observedOf } from '../data.ts';
import type { Axis } from './axes.ts';
import { numberAxis, placeOn } from './axes.ts';
import { describeExperiment, incumbentOf } from './experiment.ts';
import type { Palette } from './palette.ts';
import { areaColour, areaColours } from './palette.ts';
import type { Nothing, Picture } from './picture.ts';
import { axisLook, colourKey, frame, GRID } from './picture.ts';
import { fact, plural, short, shown } from './text.ts';

/** What of the surrogate is drawn. */
export type Layer = 'mean' | 'standard_deviation';

const HEIGHT = 440;

type WireAxis = Contour['x'];

/** Returns the axis on which the surrogate was asked. */
function axisOf({ name, scale, values }: WireAxis): Axis {
  if (scale === 'category')
    return { name, kind: scale, categories: values.map(shown), extent: null, ticks: null };
  return numberAxis(
    name,
    scale === 'log' ? values.filter((value) => typeof value === 'number') : undefined,
  );
}

/** Returns the borders of the cells around places: half way to their neighbours, by factors on a logarithmic axis. */
export function bordersOf(places: readonly number[], kind: Axis['kind']): readonly number[] {
  if (kind === 'category') return [-0.5, ...places.map((place) => place + 0.5)];
  const isLog = kind === 'log';
  const flat = isLog ? places.map(Math.log) : places;
  const middles = flat.slice(1).map((place, i) => (place + (flat[i] ?? place)) / 2);
  const [first = 0] = flat;
  const last = flat.at(-1) ?? 0;
  const borders = [first, ...middles, last];
  return isLog ? borders.map(Math.exp) : borders;
}

/** Draws what the surrogate thinks of two parameters, with the experiments on top. */
export function drawContour(
  { contour, drawn }: { readonly contour: Contour; readonly drawn: Drawn },
  palette: Palette,
  layer: Layer,
): Picture | Nothing {
  const grid = contour[layer];
  if (grid === null) {
    return {
      nothing: `Too few experiments have succeeded for a surrogate (${contour.observations}).`,
    };
  }
  const [x, y] = [axisOf(contour.x), axisOf(contour.y)];
  const [placeX, placeY] = [placeOn(x), placeOn(y)];
  const columns = bordersOf(
    contour.x.values.map((value) => placeX(value) ?? 0),
    x.kind,
  );
  const rows = bordersOf(
    contour.y.values.map((value) => placeY(value) ?? 0),
    y.kind,
  );
  const cells = grid.flatMap((row, r) =>
    row.map((value, c) => [
      columns[c] ?? 0,
      rows[r] ?? 0,
      columns[c + 1] ?? 0,
      rows[r + 1] ?? 0,
      value,
    ]),
  );
  const values = grid.flat();
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const share = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  const indexX = drawn.parameters.indexOf(x.name);
  const indexY = drawn.parameters.indexOf(y.name);
  const incumbent = incumbentOf(drawn);
  const points = observedOf(drawn).flatMap((record) => {
    const at = [placeX(record.values[indexX]), placeY(record.values[indexY])];
    return at.includes(null) ? [] : [{ record, at: at.map((place) => place ?? 0) }];
  });
  const others = Object.entries(contour.at).map(([name, value]) => `${name} ${shown(value)}`);
  const what = layer === 'mean' ? 'mean' : 'standard deviation';
  const extent = (borders: readonly number[]): { min: number; max: number } => ({
    min: borders[0] ?? 0,
    max: borders.at(-1) ?? 1,
  });
  return {
    height: HEIGHT,
    minWidth: 340,
    marks: cells.length + points.length,
    summary: `The surrogate's ${what} of ${contour.metric ?? 'the metric'} over ${x.name} and ${y.name} goes from ${short(low)} to ${short(high)}, fitted to ${plural(contour.observations, 'experiment')}${
      others.length === 0 ? '' : `; the others stay at ${others.join(', ')}`
    }.`,
    option: {
      ...frame(palette, (series, item) => {
        if (series === 1) return describeExperiment(drawn, points[item]?.record);
        const value = values[item];
        const row = Math.floor(item / contour.x.values.length);
        return value === undefined
          ? []
          : [
              fact(what, value),
              fact(x.name, contour.x.values[item % contour.x.values.length]),
              fact(y.name, contour.y.values[row]),
            ];
      }),
      graphic: colourKey(palette, { colours: areaColours, from: short(low), to: short(high) }),
      grid: GRID,
      xAxis: { ...axisLook(palette, x, 'bottom'), splitLine: { show: false }, ...extent(columns) },
      yAxis: { ...axisLook(palette, y, 'left'), splitLine: { show: false }, ...extent(rows) },
      series: [
        {
          type: 'custom',
          clip: true,
          encode: { x: [0, 2], y: [1, 3] },
          data: cells,
          renderItem: (_, api) => {
            const [left = 0, bottom = 0] = api.coord([api.value(0), api.value(1)]);
            const [right = 0, top = 0] = api.coord([api.value(2), api.value(3)]);
            const fill = areaColour(share(Number(api.value(4))));
            return {
              type: 'rect',
              // Half a pixel more, so that no seams show between the cells.
              shape: {
                x: left,
                y: top - 0.5,
                width: right - left + 0.5,
                height: bottom - top + 0.5,
              },
              style: { fill },
            };
          },
        },
        {
          type: 'scatter',
          z: 3,
          symbolSize: 7,
          data: points.map(({ record, at }) => ({
            value: at,
            symbol: record === incumbent ? 'diamond' : 'circle',
            symbolSize: record === incumbent ? 16 : 6,
          })),
          itemStyle: { color: '#ffffff', borderColor: '#000000', borderWidth: 1, opacity: 1 },
        },
      ],
    },
  };
}
