import type { ComponentChildren } from 'preact';
import { call } from '../api.ts';
import type { Pause } from '../live.ts';
import { useLive } from '../live.ts';
import { ErrorState, Loading } from './states.tsx';

interface ReadProps<T> {
  /** What is read, in words. */
  readonly what: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | null>>;
  readonly pause: Pause<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** Shows the answer of a call, or that it is being read, or why it could not be. */
export function Read<T>({ what, path, query = {}, pause, children }: ReadProps<T>) {
  const { data, error, reload } = useLive(
    `${path} ${JSON.stringify(query)}`,
    (signal) => call<T>('GET', path, { query, signal }),
    pause,
  );
  if (data !== null) return <>{children(data)}</>;
  return error === null ? (
    <Loading what={what} />
  ) : (
    <ErrorState title={`Could not read ${what}`} error={error} retry={reload} />
  );
}
