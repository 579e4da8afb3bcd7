/** Made once: it is asked for tens of thousands of times. */
const INTEGERS = new Intl.NumberFormat('en');

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A number as people read it: five significant digits, no trailing zeros, exponents where it is very large or small. */
export function shortNumber(number: number | string | null): string {
  if (number === null) return '–';
  if (typeof number === 'string') return number;
  if (number === 0 || !Number.isFinite(number)) return String(number);
  const size = Math.abs(number);
  if (Number.isInteger(number) && size < 1e9) return INTEGERS.format(number);
  if (size >= 1e6 || size < 1e-4) return number.toExponential(3).replace(/\.?0+e\+?/, 'e');
  return String(Number(number.toPrecision(5)));
}

/** A value of a parameter as people read it. */
export const shortValue = (value: unknown): string =>
  typeof value === 'number'
    ? shortNumber(value)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** A length of time in its two largest units. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

const AGO = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
] as const;

/** How far a time is from now, in its largest unit. */
export function timeBetween(then: number, now: number): string {
  const ms = Math.abs(now - then);
  const unit = AGO.find(([size]) => ms >= size);
  const text =
    unit === undefined ? `${Math.floor(ms / SECOND)} s` : `${Math.floor(ms / unit[0])} ${unit[1]}`;
  return then > now + SECOND ? `in ${text}` : `${text} ago`;
}

/** A time in full, as the reader's machine writes it. */
export const longTime = (time: string): string => new Date(time).toLocaleString();

/** A count with its word. */
export const plural = (count: number, word: string): string =>
  `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
