import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { key, Unreachable } from './api.ts';

/** How many of the page's loads find nobody at present. */
export const lost = signal(0);

/** What a page shows of something that changes. */
export interface Live<T> {
  /** The newest that was read; null before the first answer. */
  readonly data: T | null;
  /** Why the last read failed; `data` are then those of the read before. */
  readonly error: Error | null;
  /** Reads at once, for whoever has just changed something. */
  readonly reload: () => void;
}

/** After a failure the pause doubles up to this, ms. */
const PAUSE_MS_MAX = 15_000;
const FIRST_RETRY_MS = 1_000;

/** How long to wait before the next read, ms; null reads no more. It may follow from what was read. */
export type Pause<T> = number | null | ((data: T) => number | null);

const pauseAfter = <T>(pause: Pause<T>, data: T): number | null =>
  typeof pause === 'function' ? pause(data) : pause;

type State<T> = Pick<Live<T>, 'data' | 'error'> & { readonly address: string };

/**
 * Reads something now and again and again while the page is seen, the last answer staying until the next one is there.
 *
 * @param address - names what is read: another one begins anew
 * @param load - reads it
 */
export function useLive<T>(
  address: string,
  load: (signal: AbortSignal) => Promise<T>,
  pause: Pause<T>,
): Live<T> {
  const [state, setState] = useState<State<T>>({ address, data: null, error: null });
  const [turn, setTurn] = useState(0);
  const newest = useRef({ load, pause });
  newest.current = { load, pause };
  const opened = key.value;

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLost = false;
    let failures = 0;
    /** A read came up while nobody looked. */
    let isDue = false;

    const setLost = (now: boolean): void => {
      if (now !== isLost) lost.value += now ? 1 : -1;
      isLost = now;
    };
    const plan = (ms: number | null): void => {
      clearTimeout(timer);
      if (ms !== null) timer = setTimeout(() => void read(), ms);
    };
    const read = async (): Promise<void> => {
      isDue = document.hidden;
      if (isDue) return;
      try {
        const data = await newest.current.load(abort.signal);
        if (abort.signal.aborted) return;
        failures = 0;
        setLost(false);
        setState((before) =>
          before.address === address && before.data === data && before.error === null
            ? before
            : { address, data, error: null },
        );
        plan(pauseAfter(newest.current.pause, data));
      } catch (thrown) {
        if (abort.signal.aborted) return;
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        setLost(error instanceof Unreachable);
        setState((before) => ({
          address,
          data: before.address === address ? before.data : null,
          error,
        }));
        const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures, PAUSE_MS_MAX);
        failures += 1;
        // What the service refuses it refuses again for a while.
        plan(isLost ? retryMs : newest.current.pause === null ? null : PAUSE_MS_MAX);
      }
    };
    const wake = (): void => {
      if (!document.hidden && (isDue || failures > 0)) plan(0);
    };
    document.addEventListener('visibilitychange', wake);
    addEventListener('online', wake);
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
      setLost(false);
      document.removeEventListener('visibilitychange', wake);
      removeEventListener('online', wake);
    };
  }, [address, turn, opened]);

  const isOther = state.address !== address;
  return {
    data: isOther ? null : state.data,
    error: isOther ? null : state.error,
    reload: () => setTurn((before) => before + 1),
  };
}
