import { useRef, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import type { CreatedWebhook, Delivery, Webhook as WebhookAnswer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Secret } from '../parts/secret.tsx';
import { EmptyState, ErrorState, Failure, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useAction } from '../parts/use-action.ts';
import { useTitle } from '../title.ts';
import { Deliveries } from '../webhooks/deliveries.tsx';
import { Patterns } from '../webhooks/patterns.tsx';
import { RecoverDialog } from '../webhooks/recover-dialog.tsx';
import { WebhookForm } from '../webhooks/webhook-form.tsx';

const INTERVAL_MS = 2_000;

/** A dialog of the page. */
type Asked = 'edit' | 'rotate' | 'recover' | 'delete';

const Facts = ({ webhook }: { readonly webhook: WebhookAnswer }) => (
  <dl class="webhook-facts">
    <div>
      <dt>Events</dt>
      <dd>
        <Patterns events={webhook.events} />
      </dd>
    </div>
    <div>
      <dt>Groups</dt>
      <dd>
        {webhook.groups === null
          ? 'all'
          : webhook.groups.map((id) => (
              <a key={id} href={`/groups/${id}`}>
                {id}
              </a>
            ))}
      </dd>
    </div>
    <div>
      <dt>Created</dt>
      <dd>
        <TimeAgo time={webhook.created_at} />
      </dd>
    </div>
    <div>
      <dt>Failing since</dt>
      <dd>
        {webhook.failing_since === null ? 'not failing' : <TimeAgo time={webhook.failing_since} />}
      </dd>
    </div>
  </dl>
);

/** One webhook with its deliveries. */
export function Webhook() {
  const { params } = useRoute();
  const { route } = useLocation();
  const path = `/v1/webhooks/${encodeURIComponent(params['webhook'] ?? '')}`;
  const pages = useRef(1);
  const { data, error, reload } = useLive(
    path,
    async (signal) => ({
      webhook: await call<WebhookAnswer>('GET', path, { signal }),
      deliveries: await readPages<Delivery>(`${path}/deliveries`, { pages: pages.current, signal }),
    }),
    INTERVAL_MS,
  );
  const [asked, setAsked] = useState<Asked | null>(null);
  const [rotated, setRotated] = useState<CreatedWebhook | null>(null);
  const action = useAction();
  useTitle(data?.webhook.url ?? 'Webhook');
  if (data === null) {
    return error === null ? (
      <Loading what="the webhook" />
    ) : (
      <ErrorState level={1} title="The webhook could not be read" error={error} retry={reload} />
    );
  }
  const { webhook, deliveries } = data;
  const isEnabled = webhook.status === 'enabled';
  const close = (): void => setAsked(null);
  const post = async <T,>(to: string): Promise<T> => {
    const answer = await call<T>('POST', `${path}${to}`);
    reload();
    return answer;
  };
  const patch = async (body: Partial<WebhookAnswer>): Promise<void> => {
    await call<WebhookAnswer>('PATCH', path, { body });
    close();
    reload();
  };
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>{webhook.url}</h1>
          <p class="soft">{webhook.description}</p>
        </div>
        <Status status={webhook.status} />
      </div>
      <div class="actions">
        <Button
          look="primary"
          busy={action.busy}
          disabled={!isEnabled}
          onClick={() => action.run(() => post('/test'))}
        >
          Send a test
        </Button>
        <Button onClick={() => setAsked('edit')}>Change …</Button>
        <Button
          busy={action.busy}
          onClick={() => action.run(() => patch({ status: isEnabled ? 'disabled' : 'enabled' }))}
        >
          {isEnabled ? 'Disable' : 'Enable'}
        </Button>
        <Button disabled={!isEnabled} onClick={() => setAsked('recover')}>
          Send again …
        </Button>
        <Button onClick={() => setAsked('rotate')}>New secret …</Button>
        <Button onClick={() => setAsked('delete')}>Delete …</Button>
      </div>
      <Failure error={action.error} />
      {webhook.status_reason === null ? null : (
        <p class="notice">Nothing is sent: {webhook.status_reason.detail}.</p>
      )}
      <Facts webhook={webhook} />
      <h2>Deliveries</h2>
      {deliveries.items.length === 0 ? (
        <EmptyState title="Nothing has been sent yet">
          <p>Send a test, or wait for the first event.</p>
        </EmptyState>
      ) : (
        <Deliveries
          items={deliveries.items}
          busy={action.busy || !isEnabled}
          onRedeliver={({ id }) => action.run(() => post(`/deliveries/${id}/redeliver`))}
        />
      )}
      {deliveries.hasMore ? (
        <Button
          onClick={() => {
            pages.current += 1;
            reload();
          }}
        >
          More deliveries
        </Button>
      ) : null}
      {asked === 'edit' ? (
        <WebhookForm
          title="Change the webhook"
          verb="Save"
          fields={webhook}
          save={patch}
          onClose={close}
        />
      ) : null}
      {asked === 'recover' ? <RecoverDialog path={path} onDone={reload} onClose={close} /> : null}
      {asked === 'rotate' ? (
        <Confirm
          title="Give the webhook a new secret?"
          verb="Make a new secret"
          act={async () => setRotated(await post<CreatedWebhook>('/rotate-secret'))}
          onClose={close}
        >
          <p>
            The present one signs beside it for 24 hours more, so that the endpoint can change over.
          </p>
        </Confirm>
      ) : null}
      {asked === 'delete' ? (
        <Confirm
          title="Delete the webhook?"
          verb="Delete the webhook"
          danger
          act={async () => {
            await call<null>('DELETE', path);
            route('/webhooks');
          }}
          onClose={close}
        >
          <p>Its deliveries go with it, those on the way too. That cannot be undone.</p>
        </Confirm>
      ) : null}
      {rotated === null ? null : (
        <Secret
          title="New secret of the webhook"
          secret={rotated.secret}
          onClose={() => setRotated(null)}
        >
          <p>The one before signs beside it for 24 hours.</p>
        </Secret>
      )}
    </div>
  );
}
