import type { Algorithm, Hptuning } from '../domain/hptuning.ts';
import type { Json } from '../domain/values.ts';
import { optionToWire } from '../matrix/wire.ts';

type JsonMap = Readonly<Record<string, Json>>;

/**
 * Returns the normal form of `hptuning` as a document would have it, every default written out, the
 * seed too.
 */
export function hptuningToWire(hptuning: Hptuning): JsonMap {
  return {
    concurrency: hptuning.concurrency,
    seed: hptuning.seed,
    lease_seconds: hptuning.leaseSeconds,
    max_attempts: hptuning.maxAttempts,
    retry_failed: hptuning.retryFailed,
    max_failures: hptuning.maxFailures,
    dispatch: hptuning.dispatch,
    ...algorithmToWire(hptuning.algorithm),
    matrix: Object.fromEntries(
      hptuning.matrix.map(({ name, option }) => [name, optionToWire(option)]),
    ),
    early_stopping: hptuning.earlyStopping.map((rule) => ({ ...rule })),
  };
}

function algorithmToWire(algorithm: Algorithm): JsonMap {
  const metric = algorithm.metric === null ? null : { ...algorithm.metric };
  switch (algorithm.kind) {
    case 'grid':
      return { grid_search: { n_experiments: algorithm.nExperiments, metric } };
    case 'random':
      return { random_search: { n_experiments: algorithm.nExperiments, metric } };
    case 'hyperband': {
      const { maxIter, eta, resource, resume, model } = algorithm;
      return {
        hyperband: { max_iter: maxIter, eta, resource: { ...resource }, metric, resume, model },
      };
    }
    case 'asha': {
      const { nExperiments, maxIter, eta, resource, resume } = algorithm;
      return {
        asha: {
          max_iter: maxIter,
          eta,
          resource: { ...resource },
          metric,
          resume,
          n_experiments: nExperiments,
        },
      };
    }
    case 'bo': {
      const { nInitialTrials, nIterations, surrogate } = algorithm;
      const utility = surrogate === null ? null : utilityToWire(surrogate);
      return {
        bo: {
          n_initial_trials: nInitialTrials,
          n_iterations: nIterations,
          metric,
          utility_function: utility,
        },
      };
    }
    case 'auto': {
      const { nExperiments, training } = algorithm;
      return {
        auto: {
          n_experiments: nExperiments,
          metric,
          resource: training === null ? null : { ...training.resource },
          max_iter: training?.maxIter ?? null,
          eta: training?.eta ?? 3,
          resume: training?.resume ?? false,
        },
      };
    }
  }
}

type Surrogate = NonNullable<Extract<Algorithm, { readonly kind: 'bo' }>['surrogate']>;

function utilityToWire({ acquisition, gaussianProcess }: Surrogate): JsonMap {
  const { kernel, lengthScale, nu, restarts } = gaussianProcess;
  const { kind, ...exploration } = acquisition;
  return {
    acquisition_function: kind,
    ...exploration,
    gaussian_process: {
      kernel,
      length_scale: lengthScale,
      nu,
      n_restarts_optimizer: restarts,
    },
  };
}
