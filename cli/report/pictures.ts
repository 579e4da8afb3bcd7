import type { Drawn } from '../../web/plots/data.ts';
import { observedOf, ranked, thinned } from '../../web/plots/data.ts';
import { axesOf } from '../../web/plots/options/axes.ts';
import { drawBestSoFar } from '../../web/plots/options/best-so-far.ts';
import { drawContour } from '../../web/plots/options/contour.ts';
import { drawCurves } from '../../web/plots/options/curves.ts';
import { incumbentOf } from '../../web/plots/options/experiment.ts';
import { drawImportance } from '../../web/plots/options/importance.ts';
import { STYLED } from '../../web/plots/options/palette.ts';
import { drawParallel } from '../../web/plots/options/parallel.ts';
import { drawParameter } from '../../web/plots/options/parameter-scatter.ts';
import type { Nothing, Picture } from '../../web/plots/options/picture.ts';
import { isNothing } from '../../web/plots/options/picture.ts';
import { drawRungs } from '../../web/plots/options/rungs.ts';
import { renderSvg } from '../../web/plots/render.ts';
import { matrixOptionsOf, resourceOf } from '../group.ts';
import type { Markup } from './html.ts';
import { html, trusted } from './html.ts';
import type { Findings } from './read.ts';

const WIDTH = 860;
/** Points of one plot: each is an element of the file. */
const POINTS_MAX = 2_000;
const PARAMETERS_MAX = 20;

/** A heading and what stands below it. */
export interface Section {
  readonly title: string;
  readonly body: Markup;
}

function figure(picture: Picture | Nothing): Markup {
  if (isNothing(picture)) return html`<p class="plot-note">${picture.nothing}</p>`;
  const svg = renderSvg(picture, { width: WIDTH, ground: 'transparent' });
  // What is in it has been escaped by ECharts.
  return html`<figure class="plot">
<div class="plot-scroll" aria-hidden="true">${trusted(svg)}</div>
<figcaption class="plot-summary">${picture.summary}</figcaption>
</figure>`;
}

/** The best experiments and some of the others, where there are too many for a file. */
function thinnedOf(drawn: Drawn): Drawn {
  if (drawn.objective === null) return drawn;
  const best = ranked(observedOf(drawn), drawn.objective.optimization);
  return { ...drawn, records: thinned(best, POINTS_MAX) };
}

/** Draws the plots of the dashboard, as sections of a page that needs no script. */
export function drawSections({
  group,
  drawn,
  importance,
  contour,
  curves,
  rungs,
}: Findings): readonly Section[] {
  const axes = axesOf(drawn, matrixOptionsOf(group));
  const few = thinnedOf(drawn);
  const look = {
    optimization: drawn.objective?.optimization ?? null,
    incumbent: incumbentOf(drawn)?.number ?? null,
    isLog: false,
  };
  return [
    {
      title: 'Best so far',
      body: figure(drawBestSoFar(drawn, STYLED, { along: 'number', pointsMax: POINTS_MAX })),
    },
    { title: 'All values at once', body: figure(drawParallel(drawn, axes, STYLED)) },
    {
      title: 'Importance of the parameters',
      body: figure('nothing' in importance ? importance : drawImportance(importance, STYLED)),
    },
    ...(contour === null
      ? []
      : [
          {
            title: 'Surrogate over two parameters',
            body: figure(
              'nothing' in contour ? contour : drawContour({ contour, drawn: few }, STYLED, 'mean'),
            ),
          },
        ]),
    ...(rungs.brackets === null
      ? []
      : [
          {
            title: 'Brackets and rungs',
            body: figure(drawRungs({ rungs, resource: resourceOf(group) ?? 'resource' }, STYLED)),
          },
        ]),
    ...(curves === null || curves.items.length === 0
      ? []
      : [{ title: 'Learning curves of the best', body: figure(drawCurves(curves, STYLED, look)) }]),
    ...axes.slice(0, PARAMETERS_MAX).map((axis) => ({
      title: `${axis.name} and the metric`,
      body: figure(drawParameter(few, axis, STYLED)),
    })),
  ];
}
