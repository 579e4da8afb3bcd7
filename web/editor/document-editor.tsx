import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../api.ts';
import { Failure } from '../parts/states.tsx';
import type { CodeEditor } from './code-editor.ts';
import type { Finding } from './findings.ts';
import type { Schema } from './schema.ts';

interface DocumentEditorProps {
  /** What it begins with. */
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  readonly onFile: (file: File) => void;
  /** Gives the editor to the page once it is there. */
  readonly onOpen: (editor: CodeEditor) => void;
}

/** The editor of a document; its code is loaded with the first one, into room that is kept for it. */
export function DocumentEditor(props: DocumentEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const [error, setError] = useState<Error | null>(null);

  useEffect(() => {
    let isLeft = false;
    let schema: Schema | null = null;
    let opened: CodeEditor | null = null;
    // Without the schema nothing is offered, and everything else works.
    call<Schema>('GET', '/v1/document-schema.json').then(
      (answer) => {
        schema = answer;
      },
      () => {},
    );
    import('./code-editor.ts').then(
      ({ openCodeEditor }) => {
        if (isLeft || host.current === null) return;
        opened = openCodeEditor(host.current, {
          text: newest.current.text,
          label: 'Document of the group, YAML',
          schema: () => schema,
          onChange: (text) => newest.current.onChange(text),
          onSubmit: () => newest.current.onSubmit(),
          onFile: (file) => newest.current.onFile(file),
        });
        newest.current.onOpen(opened);
        setEditor(opened);
      },
      () => setError(new Error('The editor could not be loaded. Load the page again.')),
    );
    return () => {
      isLeft = true;
      opened?.close();
    };
  }, []);

  useEffect(() => editor?.mark(props.findings), [editor, props.findings]);

  return (
    <>
      <Failure error={error} />
      <div class="code-editor" ref={host} data-ready={editor !== null} />
    </>
  );
}
