import type { ComponentChildren } from 'preact';
import { Button } from './button.tsx';
import { Code } from './code.tsx';
import { Dialog } from './dialog.tsx';

interface SecretProps {
  readonly title: string;
  readonly secret: string | null;
  /** What it is for. */
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}

/** Shows a secret, this once. */
export const Secret = ({ title, secret, children, onClose }: SecretProps) => (
  <Dialog title={title} onClose={onClose}>
    <div class="dialog-body">
      <p class="notice">
        <strong>Copy it now.</strong> Nobody can read it a second time.
      </p>
      <Code text={secret ?? ''} label="Secret" />
      {children}
    </div>
    <div class="dialog-actions">
      <Button look="primary" onClick={onClose}>
        I have it
      </Button>
    </div>
  </Dialog>
);
