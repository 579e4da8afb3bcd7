import { useState } from 'preact/hooks';
import type { Delivery } from '../../cli/answers.ts';
import { duration, longTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Code } from '../parts/code.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Status } from '../parts/status.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';

type Attempt = Delivery['attempts'][number];

/** What came of an attempt, in words. */
const outcomeOf = ({ status, reason }: Attempt): string =>
  [status === null ? 'no answer' : `answered ${status}`, reason].filter(Boolean).join(': ');

/** Text as the endpoint would read it, where it is JSON. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const Attempts = ({
  attempts,
  count,
}: {
  readonly attempts: readonly Attempt[];
  readonly count: number;
}) => (
  <ol class="attempts" start={count - attempts.length + 1}>
    {attempts.map((attempt) => (
      <li key={attempt.at}>
        <strong>{outcomeOf(attempt)}</strong>
        <div class="soft small">
          {longTime(attempt.at)}
          {attempt.duration_ms === null ? '' : `, after ${duration(attempt.duration_ms)}`}
        </div>
        {attempt.body === '' ? null : <Code text={attempt.body} label="Answer" />}
      </li>
    ))}
  </ol>
);

const Details = ({
  delivery,
  onClose,
}: {
  readonly delivery: Delivery;
  readonly onClose: () => void;
}) => (
  <Dialog title={`Delivery of ${delivery.event.type}`} onClose={onClose} wide>
    <div class="dialog-body">
      <p>
        <Status status={delivery.status} /> {delivery.reason}
      </p>
      <h3>Attempts</h3>
      {delivery.attempts.length === 0 ? (
        <p class="soft">None so far.</p>
      ) : (
        <Attempts attempts={delivery.attempts} count={delivery.attempt_count} />
      )}
      <h3>What is sent, {delivery.request.bytes.toLocaleString('en')} bytes</h3>
      <Code text={readable(delivery.request.body)} label="Body" />
      <p class="soft small">
        <code>{delivery.event.id}</code> is sent as <code>webhook-id</code> with every attempt;{' '}
        <code>{delivery.id}</code> is the delivery.
      </p>
    </div>
  </Dialog>
);

interface DeliveriesProps {
  readonly items: readonly Delivery[];
  readonly busy: boolean;
  readonly onRedeliver: (delivery: Delivery) => void;
}

const Row = ({
  delivery,
  busy,
  onRedeliver,
  onDetails,
}: {
  readonly delivery: Delivery;
  readonly busy: boolean;
  readonly onRedeliver: () => void;
  readonly onDetails: () => void;
}) => {
  const { event, attempts } = delivery;
  const newest = attempts.at(-1);
  return (
    <tr>
      <th scope="row">
        <button type="button" class="link" onClick={onDetails}>
          {event.type}
        </button>
        {event.group === null ? null : (
          <div class="small">
            <a href={`/groups/${event.group}`}>{event.group}</a>
          </div>
        )}
      </th>
      <td>
        <Status status={delivery.status} />
      </td>
      <td class="numeric">{delivery.attempt_count}</td>
      <td>{newest === undefined ? 'not tried yet' : outcomeOf(newest)}</td>
      <td>
        <TimeAgo time={delivery.next_attempt_at} />
      </td>
      <td>
        <TimeAgo time={delivery.created_at} />
      </td>
      <td class="numeric">
        <Button aria-label={`Send again: ${event.type}`} disabled={busy} onClick={onRedeliver}>
          Send again
        </Button>
      </td>
    </tr>
  );
};

/** What was sent to a webhook, newest first; each with its attempts. */
export function Deliveries({ items, busy, onRedeliver }: DeliveriesProps) {
  const [shownId, setShownId] = useState<string | null>(null);
  const shown = items.find(({ id }) => id === shownId);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section class="table-frame" tabIndex={0} aria-label="Deliveries">
        <table>
          <caption class="hidden-visually">Deliveries, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">Status</th>
              <th scope="col" class="numeric">
                Attempts
              </th>
              <th scope="col">Last attempt</th>
              <th scope="col">Next attempt</th>
              <th scope="col">Created</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {items.map((delivery) => (
              <Row
                key={delivery.id}
                delivery={delivery}
                busy={busy}
                onRedeliver={() => onRedeliver(delivery)}
                onDetails={() => setShownId(delivery.id)}
              />
            ))}
          </tbody>
        </table>
      </section>
      {shown === undefined ? null : <Details delivery={shown} onClose={() => setShownId(null)} />}
    </>
  );
}
