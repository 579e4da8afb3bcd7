import { useRoute } from 'preact-iso/router';
import type { Experiment as ExperimentAnswer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { Explanation } from '../experiment/explanation.tsx';
import { ExperimentFacts } from '../experiment/facts.tsx';
import { Lineage } from '../experiment/lineage.tsx';
import { Measurements } from '../experiment/measurements.tsx';
import { ExperimentValues } from '../experiment/values.tsx';
import { pathOf } from '../group/experiments.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 2_000;
/** What has ended never changes. */
const pauseAfter = ({ finished_at: end }: ExperimentAnswer): number | null =>
  end === null ? INTERVAL_MS : null;

/** One experiment of a group. */
export function Experiment() {
  const { params } = useRoute();
  const { group = '', number = '' } = params;
  const path = `${pathOf(group)}/experiments/${encodeURIComponent(number)}`;
  const { data, error, reload } = useLive(
    path,
    (signal) => call<ExperimentAnswer>('GET', path, { signal }),
    pauseAfter,
  );
  useTitle(`Experiment ${number}`);
  if (data === null) {
    return error === null ? (
      <Loading what="the experiment" />
    ) : (
      <ErrorState level={1} title="The experiment could not be read" error={error} retry={reload} />
    );
  }
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <nav aria-label="Where this page is" class="small crumbs">
            <a href="/">Groups</a>
            <a href={`/groups/${group}`}>Group</a>
          </nav>
          <h1>
            Experiment {data.number} <Status status={data.status} />
          </h1>
        </div>
      </div>
      <ExperimentFacts experiment={data} />
      {data.message === null ? null : (
        <section class="panel" aria-label="Message of the worker">
          <h2>Message</h2>
          <pre class="message">{data.message}</pre>
        </section>
      )}
      <div class="columns">
        <ExperimentValues experiment={data} />
        <Measurements experiment={data} />
        <Explanation experiment={data} />
        {data.rung === null ? null : <Lineage experiment={data} />}
      </div>
    </div>
  );
}
