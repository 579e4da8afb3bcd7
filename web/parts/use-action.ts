import { useState } from 'preact/hooks';

/** Something that the reader starts by a button. */
export interface Action {
  /** It is under way. */
  readonly busy: boolean;
  /** Why it could not be done the last time. */
  readonly error: Error | null;
  /** Does it, once at a time; what it rejects with becomes `error`. */
  readonly run: (work: () => Promise<void>) => void;
  /** Forgets why it could not be done. */
  readonly clear: () => void;
}

/** Keeps track of something that the reader starts by a button. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const go = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    setBusy(false);
  };
  return {
    busy,
    error,
    run: (work) => {
      if (!busy) void go(work);
    },
    clear: () => setError(null),
  };
}
