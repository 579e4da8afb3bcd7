import type { ComponentChildren } from 'preact';
import { ProblemError } from '../api.ts';
import { Button } from './button.tsx';

/** Whether the heading of a state is that of the page, or of a part of it. */
type Level = 1 | 2;

const Heading = ({ level = 2, title }: { readonly level?: Level; readonly title: string }) =>
  level === 1 ? <h1>{title}</h1> : <h2>{title}</h2>;

interface EmptyProps {
  readonly title: string;
  readonly level?: Level;
  readonly children?: ComponentChildren;
}

/** Where there is nothing yet: says so, and what to do about it. */
export const EmptyState = ({ title, level = 2, children }: EmptyProps) => (
  <section class="state">
    <Heading level={level} title={title} />
    {children}
  </section>
);

/** Stands in the place of what is being read, so that nothing moves when it comes. */
export const Loading = ({ what }: { readonly what: string }) => (
  <p class="loading" role="status">
    Reading {what} …
  </p>
);

interface ErrorProps {
  readonly title: string;
  readonly error: Error;
  readonly level?: Level;
  readonly retry?: () => void;
}

/** Where something could not be read: says why, and offers to try again. */
export const ErrorState = ({ title, error, level = 2, retry }: ErrorProps) => (
  <section class="state state-error">
    <Heading level={level} title={title} />
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
