import { useRef } from 'preact/hooks';
import type { Event } from '../../cli/answers.ts';
import { longTime, shortNumber } from '../format.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Frame } from '../parts/frame.tsx';
import { ErrorState, Loading } from '../parts/states.tsx';
import { pathOf } from './experiments.ts';

const INTERVAL_MS = 3_000;
const PAGE = 100;

const planned = (count: number): string => `${count.toLocaleString('en')} experiments are planned`;

/** What an event says beside its type and its experiment. */
function tell({ type, data }: Event): string {
  switch (type) {
    case 'group.created':
      return planned(data.progress.planned);
    case 'group.planned_changed':
      return planned(data.planned);
    case 'group.stopping':
    case 'group.stopped':
    case 'group.done':
      return data.status_reason.detail;
    case 'group.best_changed':
      return `${data.metric} ${shortNumber(data.value)}`;
    case 'group.rung_completed':
      return `rung ${data.rung} of bracket ${data.bracket}, ${data.promoted} promoted`;
    case 'group.iteration_completed':
      return `iteration ${data.iteration}`;
    case 'experiment.queued':
    case 'experiment.lease_lost':
      return `attempt ${data.attempt}`;
    case 'experiment.dispatched':
      return `to ${data.worker ?? 'a worker without a name'}, attempt ${data.attempt}`;
    case 'experiment.started':
      return data.retaken ? 'taken again by its worker' : '';
    case 'experiment.succeeded':
    case 'experiment.stopped':
      return data.objective === null ? '' : shortNumber(data.objective);
    case 'experiment.failed':
    case 'experiment.infeasible':
      return data.message ?? '';
    case 'group.resumed':
    case 'group.deleted':
    case 'experiment.stop_requested':
      return '';
  }
}

const Row = ({ group, event }: { readonly group: string; readonly event: Event }) => {
  const number = 'number' in event.data ? event.data.number : null;
  return (
    <tr>
      <td>
        <time dateTime={event.timestamp}>{longTime(event.timestamp)}</time>
      </td>
      <th scope="row">{event.type.replace(/^(?:group|experiment)\./, '').replaceAll('_', ' ')}</th>
      <td class="numeric">
        {number === null ? '' : <a href={`/groups/${group}/experiments/${number}`}>{number}</a>}
      </td>
      <td class="wide">{tell(event)}</td>
    </tr>
  );
};

/** The log of a group, newest first. */
export function Events({ group, isOver }: { readonly group: string; readonly isOver: boolean }) {
  const pages = useRef(1);
  const path = `${pathOf(group)}/events`;
  const { data, error, reload } = useLive(
    path,
    (signal) =>
      readPages<Event>(path, {
        query: { sort: 'newest', limit: PAGE },
        pages: pages.current,
        signal,
      }),
    isOver ? null : INTERVAL_MS,
  );
  if (data === null) {
    return error === null ? (
      <Loading what="the log" />
    ) : (
      <ErrorState title="The log could not be read" error={error} retry={reload} />
    );
  }
  return (
    <div class="page-part">
      <Frame label="Log">
        <table>
          <caption class="hidden-visually">Events of the group, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col" class="numeric">
                Experiment
              </th>
              <th scope="col">Detail</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((event) => (
              <Row key={event.id} group={group} event={event} />
            ))}
          </tbody>
        </table>
      </Frame>
      {data.hasMore ? (
        <div>
          <Button
            onClick={() => {
              pages.current += 1;
              reload();
            }}
          >
            Older events
          </Button>
        </div>
      ) : null}
    </div>
  );
}
