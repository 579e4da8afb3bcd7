import { useId, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Group } from '../../cli/answers.ts';
import { call } from '../api.ts';
import type { Checked } from '../editor/checked.ts';
import { useChecked } from '../editor/checked.ts';
import type { CodeEditor } from '../editor/code-editor.ts';
import { DocumentEditor } from '../editor/document-editor.tsx';
import { keepDraft, readDraft } from '../editor/draft.ts';
import { EXAMPLES, FIRST } from '../editor/examples.ts';
import { FindingsList } from '../editor/findings-list.tsx';
import { PreviewPanel } from '../editor/preview-panel.tsx';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/states.tsx';
import { useAction } from '../parts/use-action.ts';
import { useTitle } from '../title.ts';

/** A larger file is no document: the service takes 256 KiB. */
const FILE_BYTES_MAX = 1_048_576;

/** Which document the preview is of. */
function standing({ preview, error }: Checked, hasMistakes: boolean): string {
  if (hasMistakes && preview === null) return 'Mend the mistakes to see it.';
  if (hasMistakes) return 'As the document was before its mistakes.';
  if (preview === null) return error === null ? 'Checking the document …' : 'It is not known.';
  return 'Nothing is stored until you create the group.';
}

/** A new group: its document, and beside it what it would run. */
export function NewGroup() {
  useTitle('New group');
  const { route } = useLocation();
  const [text, setText] = useState(() => readDraft() ?? FIRST.text);
  const { busy, error, run, clear } = useAction();
  const editor = useRef<CodeEditor | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const example = useId();
  const checked = useChecked(text);
  const isCurrent = checked.text === text;
  const hasMistakes = checked.findings.some(({ severity }) => severity === 'error');

  const change = (changed: string): void => {
    keepDraft(changed);
    setText(changed);
    clear();
  };
  const create = (): void =>
    run(async () => {
      const { id } = await call<Group>('POST', '/v1/groups', { body: text });
      keepDraft(null);
      route(`/groups/${id}`);
    });
  const openFile = (chosen: File): void =>
    run(async () => {
      if (chosen.size > FILE_BYTES_MAX) {
        throw new Error(`${chosen.name} is too large for a document. Choose a polyaxonfile.`);
      }
      editor.current?.replace(await chosen.text());
    });

  return (
    <div class="page">
      <div class="page-head">
        <h1>New group</h1>
        <div class="actions">
          <label class="field-inline" for={example}>
            Start from
          </label>
          <select
            id={example}
            value=""
            onChange={({ currentTarget }) => {
              const chosen = EXAMPLES[Number(currentTarget.value)];
              if (chosen !== undefined) editor.current?.replace(chosen.text);
              currentTarget.value = '';
            }}
          >
            <option value="" disabled>
              an example …
            </option>
            {EXAMPLES.map(({ title }, index) => (
              <option key={title} value={index}>
                {title}
              </option>
            ))}
          </select>
          <Button onClick={() => file.current?.click()}>Open a file …</Button>
          <input
            ref={file}
            type="file"
            class="hidden-visually"
            accept=".yml,.yaml,.json,text/*"
            tabIndex={-1}
            aria-label="A document from a file"
            onChange={({ currentTarget }) => {
              const [chosen] = currentTarget.files ?? [];
              if (chosen !== undefined) openFile(chosen);
              currentTarget.value = '';
            }}
          />
          <Button look="primary" busy={busy} disabled={isCurrent && hasMistakes} onClick={create}>
            Create the group
          </Button>
        </div>
      </div>
      <div class="new-group">
        <section aria-label="Document">
          <p class="soft small editor-hint">
            <kbd>Ctrl</kbd> <kbd>Space</kbd> offers what can be written, <kbd>Ctrl</kbd>{' '}
            <kbd>Enter</kbd> creates the group, <kbd>Tab</kbd> leaves the editor. A file can be
            dropped here.
          </p>
          <DocumentEditor
            text={text}
            findings={checked.findings}
            onChange={change}
            onSubmit={create}
            onFile={openFile}
            onOpen={(opened) => {
              editor.current = opened;
            }}
          />
          <Failure error={error ?? checked.error} />
          <FindingsList
            checked={checked}
            isCurrent={isCurrent}
            onGo={(finding) => editor.current?.goTo(finding)}
          />
        </section>
        <section aria-labelledby={`${example}-preview`} class="preview">
          <div>
            <h2 id={`${example}-preview`}>What it would run</h2>
            <p class="soft small">{standing(checked, hasMistakes)}</p>
          </div>
          {checked.preview === null ? null : <PreviewPanel preview={checked.preview} />}
        </section>
      </div>
    </div>
  );
}
