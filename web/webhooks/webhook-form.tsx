import { useState } from 'preact/hooks';
import type { Webhook } from '../../cli/answers.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/states.tsx';
import { useAction } from '../parts/use-action.ts';
import { EventChoice } from './event-choice.tsx';
import { GroupChoice } from './group-choice.tsx';

/** What people decide about a webhook. */
export type WebhookFields = Pick<Webhook, 'url' | 'events' | 'groups' | 'description'>;

const NEW: WebhookFields = { url: '', events: ['group.*'], groups: null, description: '' };

interface WebhookFormProps {
  readonly title: string;
  readonly verb: string;
  /** What it is now; left out for a new one. */
  readonly fields?: WebhookFields;
  readonly save: (fields: WebhookFields) => Promise<void>;
  readonly onClose: () => void;
}

/** Creates or changes a webhook. */
export function WebhookForm({ title, verb, fields = NEW, save, onClose }: WebhookFormProps) {
  const [url, setUrl] = useState(fields.url);
  const [description, setDescription] = useState(fields.description);
  const [events, setEvents] = useState(fields.events);
  const [groups, setGroups] = useState(fields.groups);
  const { busy, error, run } = useAction();
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(() => save({ url: url.trim(), events, groups, description }));
        }}
      >
        <label class="field">
          <span>URL</span>
          <input
            type="text"
            inputMode="url"
            spellcheck={false}
            required
            placeholder="https://example.com/rungwise"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Description</span>
          <input
            value={description}
            placeholder="what it is for"
            onInput={(event) => setDescription(event.currentTarget.value)}
          />
        </label>
        <EventChoice chosen={events} onChange={setEvents} />
        <GroupChoice chosen={groups} onChange={setGroups} />
        <Failure error={error} />
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
