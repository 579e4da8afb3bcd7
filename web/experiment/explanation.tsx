import type { Answer, Experiment } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { plural, shortNumber } from '../format.ts';
import { pathOf } from '../group/experiments.ts';
import { useLive } from '../live.ts';
import { Failure } from '../parts/states.tsx';

type Told = Answer<'explain'>;

const listed = (numbers: readonly number[]): string =>
  numbers.length > 8 ? `${numbers.slice(0, 8).join(', ')}, …` : numbers.join(', ');

/** What the surrogate expected of the values, and what came. */
function Expected({ told, experiment }: { readonly told: Told; readonly experiment: Experiment }) {
  const { surrogate } = told;
  if (surrogate === null) return null;
  const { mean, sd, acquisition_function: name, acquisition } = surrogate;
  return (
    <p>
      The surrogate expected {shortNumber(mean)} ± {shortNumber(sd)} (mean and standard deviation)
      {experiment.objective === null ? '.' : `; it became ${shortNumber(experiment.objective)}.`}{' '}
      The acquisition function {name} was {shortNumber(acquisition)} there.
    </p>
  );
}

/** Why an experiment has its values, in words. */
export function Explanation({ experiment }: { readonly experiment: Experiment }) {
  const path = `${pathOf(experiment.group)}/experiments/${experiment.number}/explanation`;
  const { data, error } = useLive(path, (signal) => call<Told>('GET', path, { signal }), null);
  return (
    <section class="panel explanation">
      <h2>Why these values</h2>
      <Failure error={error} />
      {data === null ? null : (
        <>
          <p>
            {data.detail.slice(0, 1).toUpperCase()}
            {data.detail.slice(1)}.
          </p>
          <Expected told={data} experiment={experiment} />
          <p class="soft small">
            {data.observations === 0
              ? ''
              : `${plural(data.observations, 'observation')} taken into account. `}
            {data.pending.length === 0 ? '' : `${listed(data.pending)} had no result yet. `}
            Seed {data.seed}.
          </p>
        </>
      )}
    </section>
  );
}
