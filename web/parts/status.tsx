/** A status as a badge: the word says it, the colour only helps. */
export const Status = ({ status }: { readonly status: string }) => (
  <span class={`status status-${status}`}>{status.replaceAll('_', ' ')}</span>
);
