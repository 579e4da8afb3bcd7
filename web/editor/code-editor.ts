import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  snippet,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import type { Diagnostic } from '@codemirror/lint';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { looks } from './code-looks.ts';
import type { Offer } from './complete.ts';
import { completeAt } from './complete.ts';
import type { Finding } from './findings.ts';
import type { Place } from './position.ts';
import type { Schema } from './schema.ts';

/** The editor as the page uses it. */
export interface CodeEditor {
  /** Replaces the text; undoing brings back what was there. */
  readonly replace: (text: string) => void;
  readonly mark: (findings: readonly Finding[]) => void;
  /** Selects a place and moves the focus there. */
  readonly goTo: (place: Place) => void;
  readonly close: () => void;
}

interface CodeEditorOptions {
  readonly text: string;
  /** Names the field to those who do not see it. */
  readonly label: string;
  /** The document's schema; null as long as it is not there. */
  readonly schema: () => Schema | null;
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  readonly onFile: (file: File) => void;
}

/** What may be typed on while the offers stay. */
const WORD = /^[\w.-]*$/;

/** What CodeMirror makes of an offer. */
function completionOf({ label, kind, info, detail, template }: Offer, index: number): Completion {
  return {
    label,
    detail,
    // In the order of the schema, where nothing has been typed that tells them apart.
    boost: -index / 100,
    ...(info === '' ? {} : { info }),
    apply: (view, completion, from, to) => {
      const isRenamed = /^\s*:/.test(view.state.sliceDoc(to, view.state.doc.lineAt(to).to));
      // The key that is there keeps what is behind it.
      const insert = kind === 'key' && isRenamed ? snippet(label) : snippet(template);
      insert(view, completion, from, to);
    },
  };
}

/** Offers what can be written; unasked only what goes on with a word, or is the value of a key. */
function offer(context: CompletionContext, schema: Schema | null): CompletionResult | null {
  if (schema === null) return null;
  const offers = completeAt(context.state.doc.toString(), context.pos, schema);
  if (offers === null) return null;
  const isAsked =
    context.explicit || offers.from < context.pos || offers.options[0]?.kind === 'word';
  return isAsked
    ? { from: offers.from, options: offers.options.map(completionOf), validFor: WORD }
    : null;
}

const diagnosticOf = ({ from, to, severity, message, fix }: Finding): Diagnostic => ({
  from,
  to,
  severity,
  message,
  actions:
    fix === null
      ? []
      : [
          {
            name: `Write ${fix.word}`,
            apply: (view, now) => {
              // The text may have moved since.
              const by = now - from;
              view.dispatch({
                changes: { from: fix.from + by, to: fix.to + by, insert: fix.word },
              });
            },
          },
        ],
});

/**
 * Writes over what is selected. Left alone, Chromium gives the new text the look of the old one by a style attribute, which
 * the page's policy forbids.
 */
function typeOver({ inputType, data }: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  if (inputType !== 'insertText' || data === null || empty || view.composing) return false;
  const insert = () =>
    view.state.update(view.state.replaceSelection(data), {
      userEvent: 'input.type',
      scrollIntoView: true,
    });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert());
  return true;
}

/** A line with a key, behind the dashes of items, and no value. */
const BARE_KEY = /^(\s*(?:- +)*)[^\s#"'{[-][^#]*:\s*$/;

/** Begins the line below a key one level in. */
function goBelowKey({ state, dispatch }: EditorView): boolean {
  const { head, empty } = state.selection.main;
  const line = state.doc.lineAt(head);
  const [, lead] = BARE_KEY.exec(line.text) ?? [];
  if (!empty || lead === undefined || head < line.from + line.text.trimEnd().length) return false;
  const insert = `\n${' '.repeat(lead.length)}${state.facet(indentUnit)}`;
  dispatch(
    state.update({
      changes: { from: head, to: line.to, insert },
      selection: { anchor: head + insert.length },
      scrollIntoView: true,
      userEvent: 'input',
    }),
  );
  return true;
}

/**
 * Opens an editor of YAML in an element. It stands in a shadow root, where its style sheet is one that the page's policy
 * lets scripts make.
 */
export function openCodeEditor(host: HTMLElement, options: CodeEditorOptions): CodeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const submit = {
    key: 'Mod-Enter',
    run: () => {
      options.onSubmit();
      return true;
    },
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        EditorView.lineWrapping,
        indentUnit.of('  '),
        yaml(),
        looks,
        autocompletion({ override: [(context) => offer(context, options.schema())] }),
        // Nothing is bound to Tab: it leaves the editor.
        Prec.highest(keymap.of([submit])),
        keymap.of([
          { key: 'Enter', run: goBelowKey },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          ...completionKeymap,
          ...lintKeymap,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) options.onChange(state.doc.toString());
        }),
        EditorView.domEventHandlers({
          beforeinput: typeOver,
          drop: ({ dataTransfer }) => {
            const file = dataTransfer?.files[0];
            if (file !== undefined) options.onFile(file);
            return file !== undefined;
          },
        }),
      ],
    }),
  });
  return {
    replace: (text) => {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: 0 },
        scrollIntoView: true,
      });
    },
    mark: (findings) => {
      const { length } = view.state.doc;
      // What was found in an earlier text may lie beyond the end of this one.
      const inside = findings.filter(({ to }) => to <= length);
      view.dispatch(setDiagnostics(view.state, inside.map(diagnosticOf)));
    },
    goTo: ({ from, to }) => {
      const end = Math.min(to, view.state.doc.length);
      const anchor = Math.min(from, end);
      view.dispatch({
        selection: { anchor, head: end },
        effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
      });
      view.focus();
    },
    close: () => view.destroy(),
  };
}
