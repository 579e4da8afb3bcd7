import type { Warning } from '../../domain/problem.ts';

/** Said of a search that goes by no metric. */
export const noMetric: Warning = {
  path: 'hptuning',
  code: 'no_metric',
  message: 'The search goes by no metric: name one in its algorithm or in early_stopping.',
};

/** Said where there is too little to go by. */
export const tooFew = (count: number, least: number): Warning => ({
  path: 'hptuning',
  code: 'too_few_observations',
  message: `${count} of the experiments have ended with a finite value of the metric so far: it takes ${least}.`,
});

/** Said where not everything was taken into account. */
export const leftOutWarning = (count: number): readonly Warning[] =>
  count === 0
    ? []
    : [
        {
          path: 'hptuning',
          code: 'observations_left_out',
          message: `${count} experiments that are neither among the best nor among the newest are left out.`,
        },
      ];
