import { contextAt } from './context.ts';
import type { Placeholder } from './placeholders.ts';
import { placeholderAt } from './placeholders.ts';
import type { Schema } from './schema.ts';
import { formsOf, schemasAt } from './schema.ts';

/*
 * What can be written where the cursor is: keys and words, from the schema of the polyaxonfile.
 */

/** One thing that can be written. */
export interface Offer {
  readonly label: string;
  readonly kind: 'key' | 'word';
  /** What it means; empty where nothing more is to be said. */
  readonly info: string;
  /** Short: what kind of value it takes, and whether it has to be there. */
  readonly detail: string;
  /**
   * What is inserted: `${name}` are places to fill in, a tab at the beginning of a line is one level of indentation.
   */
  readonly template: string;
}

/** What can be written, and from where on it replaces what has been typed. */
export interface Offers {
  readonly from: number;
  readonly options: readonly Offer[];
}

/** What a key or a word looks like while it is typed. */
const WORD = /^["']?[\w.-]*$/;

const hasType = ({ type }: Schema, name: string): boolean =>
  type === name || (Array.isArray(type) && type.includes(name));

/** Numbers and strings have no end of words to offer, whatever else could stand there. */
const isFlag = (form: Schema): boolean =>
  hasType(form, 'boolean') && !hasType(form, 'string') && !hasType(form, 'number');

const wordsOf = (forms: readonly Schema[]): readonly string[] => {
  const listed = forms.flatMap((form) => [
    ...(form.enum ?? []),
    ...('const' in form ? [form.const] : []),
    ...(isFlag(form) ? [true, false] : []),
  ]);
  return [...new Set(listed.filter((word) => word !== null).map(String))];
};

const isList = (form: Schema): boolean => hasType(form, 'array');
const isMap = (form: Schema): boolean => hasType(form, 'object');

/** A list of a fixed number of things, such as the bounds of `uniform`: the schema names them in its long form. */
function numbersOf(forms: readonly Schema[]): readonly string[] | null {
  const named = forms.find(({ properties, required }) => properties && required);
  return forms.some(isList) ? (named?.required ?? null) : null;
}

/** A place to fill in. */
const hole = (name = ''): string => `\${${name}}`;

/** Returns what is inserted behind a key. */
function templateBehind(
  forms: readonly Schema[],
  root: Schema,
  extraIndent: number | null,
): string {
  const numbers = numbersOf(forms);
  if (numbers !== null) return ` [${numbers.map(hole).join(', ')}]`;
  const list = forms.find(isList);
  if (list !== undefined && !forms.some(isMap)) {
    const items = typeof list.items === 'object' ? formsOf(list.items, root) : [];
    const isLong = items.some(isMap) && extraIndent !== null;
    return isLong ? `\n\t${' '.repeat(extraIndent)}- ${hole()}` : ` [${hole()}]`;
  }
  if (!forms.some(isMap)) return ` ${hole()}`;
  return extraIndent === null ? ` {${hole()}}` : `\n\t${' '.repeat(extraIndent)}${hole()}`;
}

/** What kind of value a key takes, in a word or two. */
function typeOf(forms: readonly Schema[]): string {
  const numbers = numbersOf(forms);
  if (numbers !== null) return numbers.join(', ');
  const words = wordsOf(forms);
  if (words.length > 0) return words.join(' | ');
  if (forms.some(isMap)) return 'map';
  if (forms.some(isList)) return 'list';
  return forms.flatMap(({ type }) => type ?? []).find((type) => type !== 'null') ?? '';
}

const descriptionOf = (forms: readonly Schema[]): string =>
  forms.find(({ description }) => description !== undefined)?.description ?? '';

function keysOf(
  forms: readonly Schema[],
  root: Schema,
  beside: { readonly present: readonly string[]; readonly extraIndent: number | null },
): readonly Offer[] {
  return forms.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties)
      .filter(([name]) => !beside.present.includes(name))
      .map(([name, schema]): Offer => {
        const below = formsOf(schema, root);
        const type = typeOf(below);
        const isNeeded = required.includes(name);
        return {
          label: name,
          kind: 'key',
          info: descriptionOf(below),
          detail: isNeeded ? `${type}, needed`.replace(/^, /, '') : type,
          template: `${name}:${templateBehind(below, root, beside.extraIndent)}`,
        };
      }),
  );
}

function namesIn({ word, names, isClosed }: Placeholder, offset: number): Offers | null {
  const options = names.map(
    (name): Offer => ({
      label: name,
      kind: 'word',
      info: '',
      detail: '',
      template: isClosed ? name : `${name} }}`,
    }),
  );
  return options.length === 0 ? null : { from: offset - word.length, options };
}

/** Returns what can be written at an offset of a text; null where nothing is known of the place. */
export function completeAt(text: string, offset: number, schema: Schema): Offers | null {
  const placeholder = placeholderAt(text, offset);
  if (placeholder !== null) return namesIn(placeholder, offset);
  const context = contextAt(text, offset);
  if (context === null || !WORD.test(context.word)) return null;
  const forms = schemasAt(schema, context.path);
  const keys = context.kind === 'below' ? keysOf(forms, schema, context) : [];
  const info = descriptionOf(forms);
  const words = wordsOf(forms).map(
    (word): Offer => ({ label: word, kind: 'word', info, detail: '', template: word }),
  );
  const options = keys.length > 0 ? keys : words;
  return options.length === 0 ? null : { from: offset - context.word.length, options };
}
