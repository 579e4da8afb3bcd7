import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';

const SHOWN_MS = 2_000;

/** Copies a text, and says whether it could. */
export function Copy({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed'),
    );
  };
  return (
    <Button class="copy" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}
