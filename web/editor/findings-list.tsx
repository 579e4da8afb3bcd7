import type { Checked } from './checked.ts';
import type { Finding } from './findings.ts';

const counted = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;

/** Says in a sentence how the document is. */
function verdict({ findings, error, text }: Checked, isCurrent: boolean): string {
  if (text === null || !isCurrent) return 'Checking …';
  if (error !== null) return 'The document could not be checked.';
  const mistakes = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - mistakes;
  const counts = [
    ...(mistakes > 0 ? [counted(mistakes, 'mistake')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return counts.length === 0 ? 'No mistakes.' : counts.join(', ');
}

interface FindingsListProps {
  readonly checked: Checked;
  /** True where the document has not changed since it was checked. */
  readonly isCurrent: boolean;
  readonly onGo: (finding: Finding) => void;
}

/** What is wrong with the document; each place can be gone to. */
export const FindingsList = ({ checked, isCurrent, onGo }: FindingsListProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
  <section class="findings" aria-label="Mistakes and warnings" tabIndex={0}>
    <p role="status" class="findings-verdict">
      {verdict(checked, isCurrent)}
    </p>
    <ul>
      {checked.findings.map((finding) => (
        <li key={`${finding.from} ${finding.path} ${finding.message}`} class={finding.severity}>
          <button type="button" class="link" onClick={() => onGo(finding)}>
            Line {finding.line}
            {finding.path === '' ? '' : `, ${finding.path}`}
          </button>{' '}
          {finding.severity === 'warning' ? 'Warning: ' : ''}
          {finding.message}
        </li>
      ))}
    </ul>
  </section>
);
