import { useRoute } from 'preact-iso/router';
import type { Group as GroupAnswer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 2_000;

/** One group. */
export function Group() {
  const { params } = useRoute();
  const id = params['group'] ?? '';
  const path = `/v1/groups/${encodeURIComponent(id)}`;
  const { data, error, reload } = useLive(
    path,
    (signal) => call<GroupAnswer>('GET', path, { signal }),
    INTERVAL_MS,
  );
  const name = data?.name ?? id;
  useTitle(name);
  if (data === null) {
    return error === null ? (
      <Loading what="the group" />
    ) : (
      <ErrorState level={1} title="The group could not be read" error={error} retry={reload} />
    );
  }
  return (
    <div class="page">
      <div class="page-head">
        <h1>{name}</h1>
        <Status status={data.status} />
      </div>
      <p class="soft">{data.algorithm_detail}</p>
    </div>
  );
}
