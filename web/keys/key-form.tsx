import { useState } from 'preact/hooks';
import type { CreatedKey, Key } from '../../cli/answers.ts';
import { SCOPES } from '../../lib/domain/api-key.ts';
import { call } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/states.tsx';
import { useAction } from '../parts/use-action.ts';
import { expiryIn, SPANS } from './expiry.ts';

type Scope = Key['scopes'][number];

const MEANINGS: Readonly<Record<Scope, string>> = {
  'groups:read': 'read and list groups, preview documents',
  'groups:write': 'create, stop, resume and delete groups',
  work: 'ask for values and report: what a worker does',
  admin: 'keys and webhooks: what you do on this page',
};

interface KeyFormProps {
  /** True where no key exists yet. */
  readonly isFirst: boolean;
  readonly onCreated: (created: CreatedKey) => void;
  readonly onClose: () => void;
}

/** Creates a key. */
export function KeyForm({ isFirst, onCreated, onClose }: KeyFormProps) {
  const [name, setName] = useState('');
  // Whoever makes the first one goes on with it, and needs to be able to do everything.
  const [scopes, setScopes] = useState<readonly Scope[]>(isFirst ? SCOPES : ['work']);
  const [span, setSpan] = useState(0);
  const { busy, error, run } = useAction();
  const toggle = (scope: Scope): void =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  const create = async (): Promise<void> => {
    const body = {
      name: name.trim() === '' ? null : name.trim(),
      scopes,
      expires_at: expiryIn(SPANS[span]?.days ?? null, Date.now()),
    };
    onCreated(await call<CreatedKey>('POST', '/v1/keys', { body }));
  };
  return (
    <Dialog title="New key" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(create);
        }}
      >
        {isFirst ? (
          <p class="notice">
            It is the first one: from now on every call to this service needs a key, those of
            workers too. This page goes on with the new key.
          </p>
        ) : null}
        <label class="field">
          <span>Name</span>
          <input
            value={name}
            maxLength={128}
            placeholder="whose it is, or what for"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <fieldset class="choices">
          <legend>What it allows</legend>
          {SCOPES.map((scope) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={() => toggle(scope)}
              />
              <span>
                <code>{scope}</code> <span class="soft">{MEANINGS[scope]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {isFirst && !scopes.includes('admin') ? (
          <p class="soft small">
            Without <code>admin</code> this page can make no further key; the command line on the
            service's machine can.
          </p>
        ) : null}
        <label class="field">
          <span>It holds</span>
          <select value={span} onChange={(event) => setSpan(Number(event.currentTarget.value))}>
            {SPANS.map(({ title }, index) => (
              <option key={title} value={index}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <Failure error={error} />
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={scopes.length === 0}>
            Create the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
