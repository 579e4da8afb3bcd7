import type { Group } from '../../cli/answers.ts';

/** What the service has to say about the document; nothing where that is nothing. */
export const Warnings = ({ group }: { readonly group: Group }) =>
  group.warnings.length === 0 ? null : (
    <section class="notice" aria-label="Warnings">
      <ul>
        {group.warnings.map(({ path, code, message }) => (
          <li key={`${path} ${code}`}>
            <code>{path}</code>: {message}
          </li>
        ))}
      </ul>
    </section>
  );
