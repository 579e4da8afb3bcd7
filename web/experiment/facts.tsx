import type { ComponentChildren } from 'preact';
import type { Experiment } from '../../cli/answers.ts';
import { duration, shortNumber } from '../format.ts';
import { present, TimeAgo } from '../parts/time-ago.tsx';

const Fact = ({
  name,
  figure,
  children,
}: {
  readonly name: string;
  readonly figure: ComponentChildren;
  readonly children?: ComponentChildren;
}) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>
      <span class="figure">{figure}</span>
      <span class="soft small">{children}</span>
    </dd>
  </div>
);

/** Time from the hand-out to the end, or to now while it runs. */
function Took({ experiment }: { readonly experiment: Experiment }) {
  const { started_at: started, finished_at: finished } = experiment;
  if (started === null)
    return (
      <Fact name="Took" figure="–">
        not handed out yet
      </Fact>
    );
  const end = finished === null ? present() : Date.parse(finished);
  return (
    <Fact name="Took" figure={duration(Math.max(0, end - Date.parse(started)))}>
      started <TimeAgo time={started} />
    </Fact>
  );
}

/** The figures of an experiment. */
export const ExperimentFacts = ({ experiment }: { readonly experiment: Experiment }) => (
  <dl class="facts">
    <Fact name="Objective" figure={shortNumber(experiment.objective)}>
      {experiment.status_reason?.detail ?? experiment.message ?? ''}
    </Fact>
    <Took experiment={experiment} />
    <Fact name="Worker" figure={experiment.worker ?? '–'}>
      {experiment.lease === null ? (
        'no lease'
      ) : (
        <>
          lease lapses <TimeAgo time={experiment.lease.expires_at} />
        </>
      )}
    </Fact>
    <Fact name="Attempt" figure={experiment.attempt}>
      {experiment.attempt > 1 ? 'handed out again after a lapse or a release' : ''}
    </Fact>
    {experiment.rung === null ? null : (
      <Fact name="Resource" figure={experiment.rung.resource}>
        rung {experiment.rung.rung} of bracket {experiment.rung.bracket}
      </Fact>
    )}
  </dl>
);
