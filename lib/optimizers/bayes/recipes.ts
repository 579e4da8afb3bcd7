import type { Acquisition, GaussianProcess, Optimization } from '../../domain/hptuning.ts';
import type { Encoding } from '../../matrix/encoding.ts';
import type { Radial } from '../../numerics/radial.ts';
import { createMatern, createRbf } from '../../numerics/radial.ts';
import { createStream } from '../../numerics/stream.ts';
import { PURPOSES } from '../purposes.ts';
import type { Outcomes } from './outcomes.ts';
import { standardised, warped } from './outcomes.ts';
import type { Prior } from './priors.ts';
import { aroundPrior, gammaPrior, WEAK_PRIOR } from './priors.ts';
import type { Bo, Settings } from './settings.ts';

/** One hyperparameter of which the logarithm is fitted. */
export interface Fitted {
  readonly prior: Prior;
  readonly lower: number;
  readonly upper: number;
}

/** All that makes one surrogate differ from another. */
export interface Recipe {
  readonly outcomes: (objectives: Float64Array, optimization: Optimization) => Outcomes;
  readonly radial: Radial;
  /** Which length scale each coordinate of a point has. */
  readonly scaleOf: Int32Array;
  /** Whether signal and noise variance are fitted; else they are 1 and next to nothing. */
  readonly fitsVariances: boolean;
  /** What is fitted: the length scales, then the signal variance, then the noise variance. */
  readonly fitted: readonly Fitted[];
  /** Where fits start: logarithms, each as long as `fitted`. */
  readonly starts: readonly Float64Array[];
  /** How far length scales are expected from a common one, as a standard deviation of the logarithm; null for no common one. */
  readonly spread: number | null;
  /** What is maximised for a suggestion; `unit` as `Outcomes` has it. */
  readonly acquisitionAt: (index: number, unit: number) => Acquisition;
  /** Whether the suggestion is looked for near the incumbent only. */
  readonly staysNearAt: (index: number) => boolean;
  /** What is maximised instead where the point has been looked at often enough; null where nothing is. */
  readonly exploring: Acquisition | null;
}

const LENGTH_SCALES = { lower: Math.log(0.01), upper: Math.log(100) } as const;

/** How far a fit may go from the length scale that the document gives, as a standard deviation of its logarithm. */
const LENGTH_SCALE_SD = 1;

/** The surrogate that a document describes: one length scale, no noise, the objectives as they are. */
function describedRecipe(
  { acquisition, gaussianProcess }: NonNullable<Bo['surrogate']>,
  { seed, encoding }: { readonly seed: number; readonly encoding: Encoding },
): Recipe {
  const given = Math.log(gaussianProcess.lengthScale);
  const stream = createStream({ seed, purpose: PURPOSES.restarts });
  const restarts = Array.from({ length: gaussianProcess.restarts }, (_, i) =>
    Float64Array.of(
      LENGTH_SCALES.lower + (LENGTH_SCALES.upper - LENGTH_SCALES.lower) * stream.uniform(i, 0),
    ),
  );
  // A start of medium length besides the given one, from which a fit can end in white noise.
  const medium = Math.log(0.5 * Math.sqrt(Math.max(encoding.axes.length, 1)));
  return {
    outcomes: standardised,
    radial: radialOf(gaussianProcess),
    scaleOf: new Int32Array(encoding.width),
    fitsVariances: false,
    fitted: [{ prior: aroundPrior(given, LENGTH_SCALE_SD), ...LENGTH_SCALES }],
    starts: [Float64Array.of(given), Float64Array.of(medium), ...restarts],
    spread: null,
    acquisitionAt: (_index, unit) =>
      acquisition.kind === 'ucb'
        ? { kind: 'ucb', kappa: acquisition.kappa }
        : { kind: acquisition.kind, eps: acquisition.eps / unit },
    staysNearAt: () => false,
    exploring: null,
  };
}

const radialOf = ({ kernel, nu }: GaussianProcess): Radial =>
  kernel === 'rbf' ? createRbf() : createMatern(nu);

/** From so many parameters on, fits start from length scales that grow with their number. */
const MANY_PARAMETERS = 8;
/** Up to so many parameters there is room to explore; with more of them most of the space is far from everything. */
const FEW_PARAMETERS = 4;
const KAPPA = { few: 1.8, more: 1 } as const;
/** Explores where the search would only look again at what it knows. */
const EXPLORING: Acquisition = { kind: 'ucb', kappa: 6 };
const SIGNAL = {
  prior: gammaPrior(2, 1),
  lower: Math.log(1e-3),
  upper: Math.log(100),
} as const;
const NOISE = {
  prior: gammaPrior(1.1, 30),
  lower: Math.log(1e-8),
  upper: Math.log(1),
} as const;
/** Enough for a parameter that does not matter to be left out, too little for a fit to make much of chance. */
const SPREAD = 0.7;
/** The surrogate of a document that leaves the choice to the search. */
function defaultRecipe(encoding: Encoding): Recipe {
  const axes = encoding.axes.filter(({ width }) => width > 0);
  const scaleOf = new Int32Array(encoding.width);
  for (const [scale, { first, width }] of axes.entries()) scaleOf.fill(scale, first, first + width);
  const starts = [
    { lengthScale: 1, noise: 1e-2 },
    { lengthScale: 0.3, noise: 1e-4 },
  ];
  const widening = axes.length < MANY_PARAMETERS ? 1 : Math.sqrt(axes.length);
  return {
    outcomes: warped,
    radial: createMatern(2.5),
    scaleOf,
    fitsVariances: true,
    fitted: [...axes.map(() => ({ prior: WEAK_PRIOR, ...LENGTH_SCALES })), SIGNAL, NOISE],
    starts: starts.map(({ lengthScale, noise }) =>
      Float64Array.of(...axes.map(() => Math.log(lengthScale * widening)), 0, Math.log(noise)),
    ),
    spread: SPREAD,
    // In turn, for suggestions near the incumbent as for those from everywhere.
    acquisitionAt: (index) =>
      Math.floor(index / 2) % 2 === 0
        ? { kind: 'ei', eps: 0 }
        : { kind: 'ucb', kappa: axes.length <= FEW_PARAMETERS ? KAPPA.few : KAPPA.more },
    staysNearAt: (index) => index % 2 === 1,
    exploring: EXPLORING,
  };
}

/** Returns the recipe of a document's surrogate. */
export const recipeOf = (
  { surrogate }: Pick<Settings, 'surrogate'>,
  around: { readonly seed: number; readonly encoding: Encoding },
): Recipe =>
  surrogate === null ? defaultRecipe(around.encoding) : describedRecipe(surrogate, around);
