/** Significant digits by which people tell results apart. */
const DIGITS = 4;

/** Control characters, of names and messages that came from elsewhere: a terminal would obey them. */
const CONTROL = /\p{Cc}/gu;

/** Returns text on one line that does nothing to a terminal. */
export const printable = (text: string): string => text.replace(CONTROL, ' ');

/** Returns a number or another value as people read it: four significant digits, integers in full. */
export function short(value: unknown): string {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
  }
  if (typeof value === 'string') return printable(value);
  return value === null || value === undefined ? '–' : printable(JSON.stringify(value) ?? '–');
}

/** Returns a value exactly, as a command would show it. */
export const exact = (value: unknown): string =>
  typeof value === 'string' ? printable(value) : printable(JSON.stringify(value) ?? '–');

/** Returns `lr=0.01 dropout=0.2`. */
export const assignments = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${printable(name)}=${short(value)}`)
    .join(' ');

const two = (count: number): string => String(count).padStart(2, '0');

/** Returns a time span as people read it: `0:07`, `12:03`, `1:02:03`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = two(seconds % 60);
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${two(minutes % 60)}:${rest}`;
}

/** Returns a time as people read it, to the second: `2026-01-31 12:00:00`. */
export const moment = (time: string): string => time.slice(0, 19).replace('T', ' ');

/** Returns `1 experiment`, `2 experiments`. */
export const plural = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;

/** Returns text cut to a width, the cut marked by an ellipsis. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1).toWellFormed()}…`;
}
