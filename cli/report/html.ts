/*
 * HTML as text. Whatever stands in a template is escaped, unless it has come out of a template itself.
 */

/** Text that is HTML. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

function markupOf(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

/** Returns the HTML of a template, everything that is put into it escaped. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.map((text, i) => (i === 0 ? text : markupOf(parts[i - 1] ?? '') + text)).join(''),
});

/** Takes text for HTML: only what no caller has a hand in, or what is escaped already. */
export const trusted = (markup: string): Markup => ({ markup });

export const NONE: Markup = { markup: '' };
