import { useState } from 'preact/hooks';
import type { Answer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { longTime, plural } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/states.tsx';
import { useAction } from '../parts/use-action.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A time as a field for local times has it. */
function localTime(at: number): string {
  const shift = new Date(at).getTimezoneOffset() * MINUTE_MS;
  return new Date(at - shift).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length);
}

/** Sends everything again that has not arrived since a time. */
export function RecoverDialog({
  path,
  onDone,
  onClose,
}: {
  /** Of the webhook's calls. */
  readonly path: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [since, setSince] = useState(() => localTime(Date.now() - DAY_MS));
  const [done, setDone] = useState<Answer<'recoverDeliveries'> | null>(null);
  const { busy, error, run } = useAction();
  const from = new Date(since);
  const recover = async (): Promise<void> => {
    const body = { since: done?.next_since ?? from.toISOString() };
    setDone(await call('POST', `${path}/recover`, { body }));
    onDone();
  };
  const isMore = done !== null && done.next_since !== null;
  return (
    <Dialog title="Send again what has not arrived" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(recover);
        }}
      >
        <label class="field">
          <span>Everything that happened since, in your time</span>
          <input
            type="datetime-local"
            required
            value={since}
            onInput={(event) => {
              setSince(event.currentTarget.value);
              setDone(null);
            }}
          />
        </label>
        <p role="status">
          {done === null ? '' : `${plural(done.count, 'event')} on the way again.`}
          {isMore ? ` There may be more since ${longTime(done.next_since ?? '')}.` : ''}
        </p>
        <Failure error={error} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{done === null ? 'Cancel' : 'Close'}</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy}
            disabled={Number.isNaN(from.getTime()) || (done !== null && !isMore)}
          >
            {isMore ? 'Send those too' : 'Send again'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
