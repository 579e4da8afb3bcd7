import { useRef, useState } from 'preact/hooks';
import type { CreatedKey, Key } from '../../cli/answers.ts';
import { readKey } from '../../lib/domain/api-key.ts';
import { call, key as ownKey } from '../api.ts';
import { KeyForm } from '../keys/key-form.tsx';
import { useLive } from '../live.ts';
import { readPages } from '../pages-of.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Secret } from '../parts/secret.tsx';
import { EmptyState, ErrorState, Loading } from '../parts/states.tsx';
import { present, TimeAgo } from '../parts/time-ago.tsx';
import { useTitle } from '../title.ts';

const INTERVAL_MS = 10_000;

const nameOf = ({ name, id }: Key): string => name ?? id;

/** The id of the key that the page itself uses. */
const ownId = (): string | null =>
  ownKey.value === null ? null : (readKey(ownKey.value)?.id ?? null);

const hasExpired = ({ expires_at: at }: Key): boolean => at !== null && Date.parse(at) <= present();

const Row = ({ item, onRevoke }: { readonly item: Key; readonly onRevoke: () => void }) => (
  <tr>
    <th scope="row">
      {nameOf(item)}
      {item.id === ownId() ? <span class="soft"> (this page's)</span> : null}
    </th>
    <td>
      <code>{item.scopes.join(' ')}</code>
    </td>
    <td>
      <TimeAgo time={item.created_at} />
    </td>
    <td>
      {item.expires_at === null ? 'never' : <TimeAgo time={item.expires_at} />}
      {hasExpired(item) ? <span class="soft"> (expired)</span> : null}
    </td>
    <td>{item.last_used_on ?? 'not yet'}</td>
    <td class="numeric">
      <Button aria-label={`Revoke ${nameOf(item)}`} onClick={onRevoke}>
        Revoke …
      </Button>
    </td>
  </tr>
);

const Table = ({
  items,
  onRevoke,
}: {
  readonly items: readonly Key[];
  readonly onRevoke: (item: Key) => void;
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  <section class="table-frame" tabIndex={0} aria-label="Keys">
    <table>
      <caption class="hidden-visually">Keys, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Allows</th>
          <th scope="col">Created</th>
          <th scope="col">Expires</th>
          <th scope="col">Last used (day, UTC)</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Row key={item.id} item={item} onRevoke={() => onRevoke(item)} />
        ))}
      </tbody>
    </table>
  </section>
);

/** The keys of the service. */
export function Keys() {
  useTitle('Keys');
  const pages = useRef(1);
  const { data, error, reload } = useLive(
    'keys',
    (signal) => readPages<Key>('/v1/keys', { pages: pages.current, signal }),
    INTERVAL_MS,
  );
  const [isNew, setIsNew] = useState(false);
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const [revoked, setRevoked] = useState<Key | null>(null);

  if (data === null) {
    return error === null ? (
      <Loading what="keys" />
    ) : (
      <ErrorState level={1} title="The keys could not be read" error={error} retry={reload} />
    );
  }
  const isFirst = data.items.length === 0;
  const isLast = data.items.length === 1;
  const noteCreated = (made: CreatedKey): void => {
    // From the first key on the service answers nobody without one.
    if (ownKey.value === null) ownKey.value = made.key;
    setIsNew(false);
    setCreated(made);
    reload();
  };
  const revoke = async ({ id }: Key): Promise<void> => {
    await call<null>('DELETE', `/v1/keys/${id}`);
    if (id === ownId()) ownKey.value = null;
    reload();
  };
  return (
    <div class="page">
      <div class="page-head">
        <h1>Keys</h1>
        {isFirst ? null : (
          <Button look="primary" onClick={() => setIsNew(true)}>
            New key
          </Button>
        )}
      </div>
      {isFirst ? (
        <EmptyState title="There is no key">
          <p>
            Whoever reaches this service may use it. With the first key that ends: every call then
            needs a key that allows it, those of workers too (<code>RUNGWISE_KEY</code>).
          </p>
          <Button look="primary" onClick={() => setIsNew(true)}>
            Create the first key
          </Button>
        </EmptyState>
      ) : (
        <>
          <p class="soft">
            Every call to this service needs a key. A revoked one opens nothing any more after 60
            seconds at the latest.
          </p>
          <Table items={data.items} onRevoke={setRevoked} />
        </>
      )}
      {data.hasMore ? (
        <Button
          onClick={() => {
            pages.current += 1;
            reload();
          }}
        >
          More keys
        </Button>
      ) : null}
      {isNew ? (
        <KeyForm isFirst={isFirst} onCreated={noteCreated} onClose={() => setIsNew(false)} />
      ) : null}
      {created === null ? null : (
        <Secret
          title={`Key ${nameOf(created)}`}
          secret={created.key}
          onClose={() => setCreated(null)}
        >
          <p>
            Workers find it in the environment as <code>RUNGWISE_KEY</code>; by HTTP it is sent as{' '}
            <code>Authorization: Bearer …</code>
          </p>
          {ownKey.value === created.key ? (
            <p>This page uses it from now on, and asks for it when it is loaded anew.</p>
          ) : null}
        </Secret>
      )}
      {revoked === null ? null : (
        <Confirm
          title={`Revoke ${nameOf(revoked)}?`}
          verb="Revoke the key"
          danger
          act={() => revoke(revoked)}
          onClose={() => setRevoked(null)}
        >
          <p>Whoever uses it is turned away from then on. That cannot be undone.</p>
          {revoked.id === ownId() ? <p>It is the key that this page uses.</p> : null}
          {isLast ? (
            <p>
              It is the last one: a service on a laptop then answers everybody on the machine again.
            </p>
          ) : null}
        </Confirm>
      )}
    </div>
  );
}
