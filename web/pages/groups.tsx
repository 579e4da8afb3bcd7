import type { Answer, Group } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { shortNumber } from '../format.ts';
import { useLive } from '../live.ts';
import { EmptyState, ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 3_000;

const Row = ({ group }: { readonly group: Group }) => (
  <tr>
    <th scope="row">
      <a href={`/groups/${group.id}`}>{group.name ?? group.id}</a>
    </th>
    <td>
      <Status status={group.status} />
    </td>
    <td>{group.algorithm}</td>
    <td class="numeric">{shortNumber(group.best?.value ?? null)}</td>
    <td>
      <TimeAgo time={group.created_at} />
    </td>
  </tr>
);

/** All groups, newest first. */
export function Groups() {
  useTitle('Groups');
  const { data, error, reload } = useLive(
    'groups',
    (signal) => call<Answer<'listGroups'>>('GET', '/v1/groups', { signal }),
    INTERVAL_MS,
  );
  if (data === null) {
    return error === null ? (
      <Loading what="groups" />
    ) : (
      <ErrorState level={1} title="The groups could not be read" error={error} retry={reload} />
    );
  }
  if (data.items.length === 0) return <EmptyState level={1} title="There is no group yet" />;
  return (
    <div class="page">
      <h1>Groups</h1>
      <div class="table-frame">
        <table>
          <caption>Groups, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Status</th>
              <th scope="col">Algorithm</th>
              <th scope="col" class="numeric">
                Best
              </th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((group) => (
              <Row key={group.id} group={group} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
