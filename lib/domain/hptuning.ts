import type { Value } from './values.ts';

export type Optimization = 'minimize' | 'maximize';

/** A named reported quantity and what is better: less of it or more. */
export interface Metric {
  readonly name: string;
  readonly optimization: Optimization;
}

/** One option of the matrix in its normal form: every short form is spelled out. */
export type MatrixOption =
  | { readonly kind: 'values'; readonly values: readonly Value[] }
  /** Probabilities as they were written; their sum lies in (0, 1 + 1e-9]. */
  | {
      readonly kind: 'pvalues';
      readonly values: readonly Value[];
      readonly probabilities: readonly number[];
    }
  | { readonly kind: 'range'; readonly start: number; readonly stop: number; readonly step: number }
  | {
      readonly kind: 'linspace' | 'geomspace';
      readonly start: number;
      readonly stop: number;
      readonly num: number;
    }
  /** `start` and `stop` are exponents of `base`. */
  | {
      readonly kind: 'logspace';
      readonly start: number;
      readonly stop: number;
      readonly num: number;
      readonly base: number;
    }
  /** For loguniform the bounds are natural-log exponents. */
  | { readonly kind: 'uniform' | 'loguniform'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'quniform' | 'qloguniform';
      readonly low: number;
      readonly high: number;
      readonly q: number;
    }
  | { readonly kind: 'normal' | 'lognormal'; readonly loc: number; readonly scale: number }
  | {
      readonly kind: 'qnormal' | 'qlognormal';
      readonly loc: number;
      readonly scale: number;
      readonly q: number;
    };

export type MatrixKind = MatrixOption['kind'];

/** One axis of the matrix. */
export interface Parameter {
  readonly name: string;
  readonly option: MatrixOption;
}

/** The named parameters of a group, in the order in which the document lists them. */
export type Matrix = readonly Parameter[];

export interface EarlyStoppingRule {
  readonly metric: string;
  readonly value: number;
  readonly optimization: Optimization;
}

export interface Resource {
  readonly name: string;
  readonly type: 'int' | 'float';
}

/** What is maximised over the surrogate; `eps` is in units of the metric. */
export type Acquisition =
  | { readonly kind: 'ucb'; readonly kappa: number }
  | { readonly kind: 'ei' | 'poi'; readonly eps: number };

export interface GaussianProcess {
  readonly kernel: 'matern' | 'rbf';
  /** Where the fit of the length scale starts. */
  readonly lengthScale: number;
  /** Smoothness of the Matérn kernel; rbf has none. */
  readonly nu: number;
  /** Starts of the fit beyond the first. */
  readonly restarts: number;
}

/** How the values of a group are chosen. */
export type Algorithm =
  | { readonly kind: 'grid'; readonly nExperiments: number | null; readonly metric: Metric | null }
  | { readonly kind: 'random'; readonly nExperiments: number; readonly metric: Metric | null }
  | {
      readonly kind: 'hyperband';
      readonly maxIter: number;
      /** The decimal that was written. */
      readonly eta: number;
      readonly resource: Resource;
      readonly metric: Metric;
      /** A promoted experiment goes on from the checkpoint of the one that it continues. */
      readonly resume: boolean;
      /** After the first complete rung new configurations come from a surrogate. */
      readonly model: boolean;
    }
  /** Successive halving that waits for nobody. */
  | {
      readonly kind: 'asha';
      /** New configurations. */
      readonly nExperiments: number;
      readonly maxIter: number;
      /** The decimal that was written. */
      readonly eta: number;
      readonly resource: Resource;
      readonly metric: Metric;
      /** A promoted experiment goes on from the checkpoint of the one that it continues. */
      readonly resume: boolean;
    }
  | {
      readonly kind: 'bo';
      /** Experiments of the initial design. */
      readonly nInitialTrials: number;
      /** Experiments after it. */
      readonly nIterations: number;
      readonly metric: Metric;
      /** The model that the document asks for; null leaves the choice to the search. */
      readonly surrogate: {
        readonly acquisition: Acquisition;
        readonly gaussianProcess: GaussianProcess;
      } | null;
    }
  /** Bayesian optimisation that leaves every choice to the search. */
  | {
      readonly kind: 'auto';
      /** Experiments; new configurations where the search decides how long they train. */
      readonly nExperiments: number;
      readonly metric: Metric;
      /** How long experiments train, where the search decides that too. */
      readonly training: {
        readonly resource: Resource;
        readonly maxIter: number;
        readonly eta: number;
        /** Whether what goes on begins from its checkpoint. */
        readonly resume: boolean;
      } | null;
    };

/** The resource that a search gives its experiments, and the most of it; null where it gives none. */
export function resourceOf(
  algorithm: Algorithm,
): { readonly resource: Resource; readonly maxIter: number } | null {
  switch (algorithm.kind) {
    case 'hyperband':
    case 'asha':
      return algorithm;
    case 'auto':
      return algorithm.training;
    case 'bo':
    case 'grid':
    case 'random':
      return null;
  }
}

/** The normal form of `hptuning`: every default filled in. */
export interface Hptuning {
  readonly concurrency: number;
  readonly seed: number;
  readonly leaseSeconds: number;
  readonly maxAttempts: number;
  readonly retryFailed: boolean;
  readonly maxFailures: number | null;
  /** Who starts experiments: workers that ask for them, or launchers that are told of them by webhooks. */
  readonly dispatch: 'pull' | 'push';
  readonly algorithm: Algorithm;
  readonly matrix: Matrix;
  readonly earlyStopping: readonly EarlyStoppingRule[];
}
