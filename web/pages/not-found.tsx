import { EmptyState } from '../parts/states.tsx';
import { useTitle } from '../title.ts';

/** What an address shows that no page has. */
export function NotFound() {
  useTitle('Not found');
  return (
    <EmptyState level={1} title="There is no page at this address">
      <p>
        <a href="/">All groups</a>
      </p>
    </EmptyState>
  );
}
