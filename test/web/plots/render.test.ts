import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Contour, Curves, Drawn, Importance } from '../../../web/plots/data.ts';
import { axesOf, numberAxis } from '../../../web/plots/options/axes.ts';
import { drawBestSoFar } from '../../../web/plots/options/best-so-far.ts';
import { bordersOf, drawContour } from '../../../web/plots/options/contour.ts';
import { drawCurves } from '../../../web/plots/options/curves.ts';
import { drawImportance } from '../../../web/plots/options/importance.ts';
import { drawMeasurements } from '../../../web/plots/options/measurements.ts';
import { areaColours, STYLED } from '../../../web/plots/options/palette.ts';
import { drawParallel } from '../../../web/plots/options/parallel.ts';
import { drawParameter } from '../../../web/plots/options/parameter-scatter.ts';
import type { Nothing, Picture } from '../../../web/plots/options/picture.ts';
import { isNothing } from '../../../web/plots/options/picture.ts';
import { drawRungs } from '../../../web/plots/options/rungs.ts';
import { sparklinePath } from '../../../web/plots/options/sparkline.ts';
import { renderSvg } from '../../../web/plots/render.ts';
import { drawnOf, MATRIX, rungsOf81 } from './fixtures.ts';

const drawn = drawnOf(80);
const axes = axesOf(drawn, MATRIX);
const [LR = numberAxis('')] = axes;

const contourOf = (x: string, y: string): Contour => {
  const places = [1e-5, 1e-3, 1e-1];
  return {
    metric: 'loss',
    x: { name: x, scale: 'log', values: places },
    y: { name: y, scale: 'category', values: ['adam', 'sgd'] },
    mean: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    standard_deviation: null,
    at: { momentum: 0.9 },
    observations: 72,
    warnings: [],
  };
};

const curves: Curves = {
  metric: 'loss',
  items: [
    { number: 1, status: 'succeeded', steps: [1, 2, 3], values: [3, 2, 1] },
    { number: 2, status: 'stopped', steps: [1, 2], values: [3, 'NaN'] },
    { number: 3, status: 'running', steps: [1], values: [2.5] },
  ],
};
const look = { optimization: 'minimize', incumbent: 1, isLog: false } as const;

const importance: Importance = {
  metric: 'loss',
  method: 'fanova',
  warnings: [],
  observations: 72,
  parameters: [
    { name: 'momentum', importance: 0.2, standard_error: 0.05 },
    { name: 'lr', importance: 0.6, standard_error: 0.1 },
  ],
  pairs: [{ names: ['lr', 'momentum'], importance: 0.1 }],
};

const measurements = [1, 2, 3].map((step) => ({
  metric: 'loss',
  value: 1 / step,
  step,
  attempt: 1,
}));

/** Colours that ECharts gives to what is not seen: paths that clip, frames without width. */
const UNSEEN = new Set(['none', '#000', 'rgb(0,0,0)', '#b7b9be', '#fff', '#ffffff', '#000000']);

const isKnown = (colour: string): boolean =>
  UNSEEN.has(colour) || areaColours.includes(colour) || /^var\(--plot-[\w-]+\)$/.test(colour);

const svgOf = (picture: Picture | Nothing): string => {
  assert.ok(!isNothing(picture), 'there is something to draw');
  return renderSvg(picture, { width: 600, ground: 'transparent' });
};

describe('every plot is drawn without a page', () => {
  for (const [name, picture, texts] of [
    [
      'best so far',
      drawBestSoFar(drawn, STYLED, { along: 'number' }),
      ['experiment', 'best so far'],
    ],
    ['best so far in time', drawBestSoFar(drawn, STYLED, { along: 'minutes' }), ['minutes']],
    ['parallel coordinates', drawParallel(drawn, axes, STYLED), ['optimizer', 'rmsprop', 'worst']],
    ['a parameter', drawParameter(drawn, LR, STYLED), ['lr', '0.001', 'stopped']],
    ['importance', drawImportance(importance, STYLED), ['60 %', 'lr × momentum']],
    [
      'the surrogate',
      drawContour({ contour: contourOf('lr', 'optimizer'), drawn }, STYLED, 'mean'),
      ['adam', 'lr'],
    ],
    ['rungs', drawRungs({ rungs: rungsOf81(), resource: 'epochs' }, STYLED), ['bracket 4', '81']],
    ['learning curves', drawCurves(curves, STYLED, look), ['step', 'loss']],
    ['measurements', drawMeasurements({ metric: 'loss', measurements }, STYLED), ['step', 'loss']],
  ] as const) {
    test(name, () => {
      const svg = svgOf(picture);

      assert.match(svg, /^<svg .*<\/svg>$/s);
      assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
      for (const text of texts) assert.ok(svg.includes(`>${text}<`), `"${text}" stands in it`);
      const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour);
      assert.deepEqual(
        colours.filter((colour = '') => !isKnown(colour)),
        [],
      );
    });
  }
});

test('where there is nothing to draw a sentence says why', () => {
  const none: Drawn = { ...drawn, records: [] };
  const nameless: Drawn = { ...drawn, objective: null };
  for (const picture of [
    drawBestSoFar(none, STYLED, { along: 'number' }),
    drawBestSoFar(nameless, STYLED, { along: 'minutes' }),
    drawParallel(none, axes, STYLED),
    drawParallel(nameless, axes, STYLED),
    drawParameter(none, LR, STYLED),
    drawImportance({ ...importance, parameters: [], observations: 3 }, STYLED),
    drawContour(
      { contour: { ...contourOf('lr', 'optimizer'), mean: null }, drawn },
      STYLED,
      'mean',
    ),
    drawCurves({ metric: 'loss', items: [] }, STYLED, look),
    drawMeasurements({ metric: 'accuracy', measurements }, STYLED),
  ]) {
    assert.ok(isNothing(picture));
    assert.match(picture.nothing, /^[A-Z].*\.$/);
  }
});

test('a single experiment is drawn', () => {
  const one = drawnOf(1);
  const own = axesOf(one, MATRIX);

  for (const picture of [
    drawBestSoFar(one, STYLED, { along: 'number' }),
    drawParallel(one, own, STYLED),
    ...own.map((axis) => drawParameter(one, axis, STYLED)),
  ]) {
    assert.doesNotMatch(svgOf(picture), /NaN|Infinity/);
  }
});

test('names cannot become markup', () => {
  const hostile = '</text><script>alert(1)</script>';
  const named: Drawn = {
    ...drawn,
    objective: { name: hostile, optimization: 'minimize' },
    parameters: [hostile, 'momentum', 'optimizer'],
  };

  for (const picture of [
    drawBestSoFar(named, STYLED, { along: 'number' }),
    drawParallel(named, axesOf(named, MATRIX), STYLED),
    drawCurves({ ...curves, metric: hostile }, STYLED, look),
    drawImportance(
      { ...importance, parameters: [{ name: hostile, importance: 1, standard_error: 0 }] },
      STYLED,
    ),
  ]) {
    assert.doesNotMatch(svgOf(picture), /<script/);
  }
});

test('stopped curves are dashed, and so is their sample in the legend', () => {
  const finished = curves.items.map((item) => ({ ...item, status: 'succeeded' as const }));
  const without = svgOf(drawCurves({ ...curves, items: finished }, STYLED, look));
  const svg = svgOf(drawCurves(curves, STYLED, look));

  assert.doesNotMatch(without, /stroke-dasharray|>stopped</);
  // The curve, and its sample.
  assert.ok([...svg.matchAll(/stroke-dasharray/g)].length >= 2);
  assert.match(svg, />stopped</);
});

test('a logarithmic axis leaves out what it has no place for', () => {
  const items: Curves['items'] = [
    { number: 1, status: 'succeeded', steps: [1, 2, 3], values: [1, 0, -1] },
  ];

  const picture = drawCurves({ metric: 'loss', items }, STYLED, { ...look, isLog: true });
  assert.doesNotMatch(svgOf(picture), /NaN|Infinity/);
});

test('cells meet half way between their values, by factors on a logarithmic axis', () => {
  assert.deepEqual(bordersOf([0, 1, 3], 'linear'), [0, 0.5, 2, 3]);
  assert.deepEqual(bordersOf([0, 1], 'category'), [-0.5, 0.5, 1.5]);
  const borders = bordersOf([1, 100, 10_000], 'log').map((border) => Math.round(border));
  assert.deepEqual(borders, [1, 10, 1000, 10_000]);
});

test('a sparkline stays in its box, whatever its values', () => {
  const box = { width: 96, height: 24 };

  assert.equal(sparklinePath([2, 1, 0], box), 'M1.0,1.0L48.0,12.0L95.0,23.0');
  assert.equal(sparklinePath([5, 5], box), 'M1.0,12.0L95.0,12.0');
  assert.equal(sparklinePath([5], box), 'M1.0,12.0');
  assert.equal(sparklinePath([], box), '');
});
