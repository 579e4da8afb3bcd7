import { useRef } from 'preact/hooks';
import type { Event } from '../../cli/answers.ts';
import { longTime, shortNumber } from '../format.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { ErrorState, Loading } from '../parts/states.tsx';
import { pathOf } from './experiments.ts';

const INTERVAL_MS = 3_000;
const PAGE = 100;

type Told = {
  readonly [K in Event['type']]: (data: Extract<Event, { type: K }>['data']) => string;
};

const planned = (count: number): string => `${count.toLocaleString('en')} experiments are planned`;

/** What an event says beside its type and its experiment. */
const TELLS: Told = {
  'group.created': ({ progress }) => planned(progress.planned),
  'group.stopping': ({ status_reason: reason }) => reason.detail,
  'group.stopped': ({ status_reason: reason }) => reason.detail,
  'group.resumed': () => '',
  'group.done': ({ status_reason: reason }) => reason.detail,
  'group.deleted': () => '',
  'group.best_changed': ({ metric, value }) => `${metric} ${shortNumber(value)}`,
  'group.rung_completed': ({ bracket, rung, promoted }) =>
    `rung ${rung} of bracket ${bracket}, ${promoted} promoted`,
  'group.iteration_completed': ({ iteration }) => `iteration ${iteration}`,
  'group.planned_changed': (data) => planned(data.planned),
  'experiment.queued': ({ attempt }) => (attempt > 1 ? `attempt ${attempt}` : ''),
  'experiment.dispatched': ({ worker, attempt }) =>
    `to ${worker ?? 'a worker without a name'}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
  'experiment.started': ({ retaken }) => (retaken ? 'taken again by its worker' : ''),
  'experiment.succeeded': ({ objective }) => (objective === null ? '' : shortNumber(objective)),
  'experiment.failed': ({ message }) => message ?? '',
  'experiment.infeasible': ({ message }) => message ?? '',
  'experiment.stop_requested': () => '',
  'experiment.stopped': ({ objective }) => (objective === null ? '' : shortNumber(objective)),
  'experiment.lease_lost': ({ attempt }) => `attempt ${attempt}`,
};

/** One function for one type: the table above has them by the event's own type. */
function tell<K extends Event['type']>(type: K, data: Parameters<Told[K]>[0]): string {
  return TELLS[type](data);
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
      <td class="wide">{tell(event.type, event.data)}</td>
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section class="table-frame" tabIndex={0} aria-label="Log">
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
      </section>
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
