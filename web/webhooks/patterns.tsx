/** What a webhook asks for, pattern by pattern. */
export const Patterns = ({ events }: { readonly events: readonly string[] }) => (
  <ul class="patterns">
    {events.map((pattern) => (
      <li key={pattern}>
        <code>{pattern}</code>
      </li>
    ))}
  </ul>
);
