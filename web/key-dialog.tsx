import { useState } from 'preact/hooks';
import { key, keyRefused } from './api.ts';
import { Button } from './parts/button.tsx';
import { Dialog } from './parts/dialog.tsx';

/** Asks for the key of the service; mounted where the service has refused a call, or where the reader wants to change it. */
export function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const close = (): void => {
    keyRefused.value = null;
    onClose();
  };
  return (
    <Dialog title="Key of the service" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          key.value = text.trim() === '' ? null : text.trim();
          close();
        }}
      >
        {keyRefused.value === null ? null : (
          <p class="failure" role="alert">
            {keyRefused.value}
          </p>
        )}
        <p>
          The page keeps it until it is closed or loaded anew, and stores it nowhere. Make one with{' '}
          <code>rungwise keys create</code>.
        </p>
        <label class="field">
          <span>Key</span>
          <input
            type="password"
            autoComplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <div class="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary">
            Use this key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
