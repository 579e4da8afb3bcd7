import { closest } from 'fastest-levenshtein';

const SHOWN_CHARACTERS = 60;

/** Returns the known word that is nearest to what was written, whatever its case. */
export const nearestWord = (written: string, known: readonly string[]): string =>
  // The distance is quadratic in the length, and no word that is meant here is long.
  closest(written.slice(0, SHOWN_CHARACTERS).toLowerCase(), [...known]);

/** Returns text short enough to be repeated in a message. */
export const clip = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;

/** Returns a few words that show what was sent, however large or deep it is. */
export function show(sent: unknown): string {
  if (sent === null) return 'null';
  if (sent === undefined) return 'nothing';
  if (typeof sent === 'string') return JSON.stringify(clip(sent));
  if (typeof sent === 'number' || typeof sent === 'boolean') return String(sent);
  if (Array.isArray(sent))
    return sent.length === 1 ? 'a list of 1 item' : `a list of ${sent.length} items`;
  if (typeof sent === 'object') return 'a map';
  return `a ${typeof sent}`;
}

/** Returns a number as people read it: at most five significant digits. */
export const showRounded = (x: number): string => String(Number(x.toPrecision(5)));

/** Joins words as a choice: `a, b or c`. */
export const orList = (words: readonly string[]): string =>
  words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.slice(-1).join('')}`;
