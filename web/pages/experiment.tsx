import { useRoute } from 'preact-iso/router';
import type { Experiment as ExperimentAnswer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 2_000;

/** One experiment of a group. */
export function Experiment() {
  const { params } = useRoute();
  const { group = '', number = '' } = params;
  const path = `/v1/groups/${encodeURIComponent(group)}/experiments/${encodeURIComponent(number)}`;
  const { data, error, reload } = useLive(
    path,
    (signal) => call<ExperimentAnswer>('GET', path, { signal }),
    INTERVAL_MS,
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
        <h1>Experiment {data.number}</h1>
        <Status status={data.status} />
      </div>
    </div>
  );
}
