import { useRef, useState } from 'preact/hooks';
import type { CreatedWebhook, Webhook } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { plural } from '../format.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Secret } from '../parts/secret.tsx';
import { EmptyState, ErrorState, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useTitle } from '../title.ts';
import { Patterns } from '../webhooks/patterns.tsx';
import type { WebhookFields } from '../webhooks/webhook-form.tsx';
import { WebhookForm } from '../webhooks/webhook-form.tsx';

const INTERVAL_MS = 5_000;

const Row = ({ webhook }: { readonly webhook: Webhook }) => (
  <tr>
    <th scope="row" class="wrapping">
      <a href={`/webhooks/${webhook.id}`}>{webhook.url}</a>
      {webhook.description === '' ? null : <div class="soft small">{webhook.description}</div>}
    </th>
    <td>
      <Status status={webhook.status} />
      {webhook.failing_since === null ? null : (
        <div class="small">
          failing since <TimeAgo time={webhook.failing_since} />
        </div>
      )}
    </td>
    <td>
      <Patterns events={webhook.events} />
    </td>
    <td>{webhook.groups === null ? 'all' : plural(webhook.groups.length, 'group')}</td>
    <td>
      <TimeAgo time={webhook.created_at} />
    </td>
  </tr>
);

/** The webhooks of the service. */
export function Webhooks() {
  useTitle('Webhooks');
  const pages = useRef(1);
  const { data, error, reload } = useLive(
    'webhooks',
    (signal) => readPages<Webhook>('/v1/webhooks', { pages: pages.current, signal }),
    INTERVAL_MS,
  );
  const [isNew, setIsNew] = useState(false);
  const [created, setCreated] = useState<CreatedWebhook | null>(null);
  if (data === null) {
    return error === null ? (
      <Loading what="webhooks" />
    ) : (
      <ErrorState level={1} title="The webhooks could not be read" error={error} retry={reload} />
    );
  }
  const create = async (body: WebhookFields): Promise<void> => {
    setCreated(await call<CreatedWebhook>('POST', '/v1/webhooks', { body }));
    setIsNew(false);
    reload();
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>Webhooks</h1>
        <Button look="primary" onClick={() => setIsNew(true)}>
          New webhook
        </Button>
      </div>
      {data.items.length === 0 ? (
        <EmptyState title="There is no webhook yet">
          <p>
            A webhook tells an endpoint of yours what happens in groups: a search is done, an
            experiment has failed. Each event is one signed <code>POST</code>, tried again for three
            days where it does not arrive.
          </p>
        </EmptyState>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section class="table-frame" tabIndex={0} aria-label="Webhooks">
          <table>
            <caption class="hidden-visually">Webhooks, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">Status</th>
                <th scope="col">Events</th>
                <th scope="col">Groups</th>
                <th scope="col">Created</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((webhook) => (
                <Row key={webhook.id} webhook={webhook} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {data.hasMore ? (
        <Button
          onClick={() => {
            pages.current += 1;
            reload();
          }}
        >
          More webhooks
        </Button>
      ) : null}
      {isNew ? (
        <WebhookForm
          title="New webhook"
          verb="Create the webhook"
          save={create}
          onClose={() => setIsNew(false)}
        />
      ) : null}
      {created === null ? null : (
        <Secret
          title="Secret of the webhook"
          secret={created.secret}
          onClose={() => setCreated(null)}
        >
          <p>
            It signs what is sent to <code>{created.url}</code>. The libraries of Standard Webhooks
            verify with it.
          </p>
        </Secret>
      )}
    </div>
  );
}
