import type { ComponentChildren } from 'preact';
import { ProblemError } from '../api.ts';
import { Button } from './button.tsx';

/** Where there is nothing yet: says so, and what to do about it. */
export const EmptyState = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) => (
  <section class="state">
    <h2>{title}</h2>
    {children}
  </section>
);

/** Stands in the place of what is being read, so that nothing moves when it comes. */
export const Loading = ({ what }: { readonly what: string }) => (
  <p class="loading" role="status">
    Reading {what} …
  </p>
);

/** Where something could not be read: says why, and offers to try again. */
export const ErrorState = ({
  title,
  error,
  retry,
}: {
  readonly title: string;
  readonly error: Error;
  readonly retry?: () => void;
}) => (
  <section class="state state-error">
    <h2>{title}</h2>
    <Failure error={error} />
    {retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
  </section>
);

/** Why something could not be done, with what was wrong in the request; nothing where `error` is null. */
export const Failure = ({ error }: { readonly error: Error | null }) => (
  <div role="alert" class="failure">
    {error === null ? null : <p>{error.message}</p>}
    {error instanceof ProblemError && error.problem.errors.length > 0 ? (
      <ul>
        {error.problem.errors.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <code>{path}</code>: {message}
          </li>
        ))}
      </ul>
    ) : null}
  </div>
);
