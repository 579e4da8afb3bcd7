/*
 * Words inside pictures. What is hovered over is drawn as rich text of ECharts, which has a syntax of its own.
 */

const DIGITS = 4;

/** Returns a number as people read it: four significant digits, integers in full. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 1e6 || (size < 1e-4 && size > 0)) {
    const [digits = '', exponent = ''] = value.toExponential(DIGITS - 1).split('e');
    return `${Number(digits)}e${Number(exponent)}`;
  }
  return String(Number(value.toPrecision(DIGITS)));
}

/** Returns any value as people read it. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return short(value);
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '–' : (JSON.stringify(value) ?? '–');
}

/** Returns text cut to so many characters, the cut marked by an ellipsis. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;

const WIDTH = 48;

/** Returns `name value` for a line of what is hovered over. */
export const fact = (name: string, value: unknown): string =>
  `${cut(name, WIDTH / 2)}  ${cut(shown(value), WIDTH)}`;

/** Returns lines of what is hovered over; a word joiner after each brace keeps them from being markup. */
export const lines = (texts: readonly string[]): string =>
  texts.map((text) => text.replaceAll('{', '{\u2060')).join('\n');

/** Returns `1 experiment`, `2 experiments`. */
export const plural = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;

/** Returns words in a row: `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
