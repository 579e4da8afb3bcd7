import type { Scalar, Value } from '../domain/values.ts';
import { readNumber } from '../matrix/numbers.ts';

/**
 * A filter of a command's placeholder; the arguments were checked by `accepts` when the command was
 * compiled.
 */
export interface Filter {
  /** How it is written. */
  readonly usage: string;
  readonly accepts: (args: readonly Scalar[]) => boolean;
  /** `value` is undefined where the name has no value: only `default` gets to see that. */
  readonly apply: (value: Value | undefined, args: readonly Scalar[]) => Value;
}

/** Digits that round may keep. */
const DIGITS_MAX = 20;

const ROUNDINGS: Readonly<Record<string, (value: number, digits: number) => number>> = {
  common: roundHalfEven,
  ceil: (value, digits) => Math.ceil(value * 10 ** digits) / 10 ** digits,
  floor: (value, digits) => Math.floor(value * 10 ** digits) / 10 ** digits,
};

/**
 * The filters of commands. They do what Jinja's of the same names do, except that a number prints
 * in its shortest form (`float` makes 3 of 3, not 3.0), that `round` leaves alone what is no
 * number, and that nothing becomes infinite.
 *
 * - `default(x)`: x where the name has no value; `default(x, true)` also where the value is 0,
 *   "", false or [].
 * - `int`, `int(x)`: the number without its fraction, 1 for true; x, else 0, where there is no
 *   number to read.
 * - `float`, `float(x)`: the same with the fraction.
 * - `round`, `round(digits)`, `round(digits, "ceil")`: ties to even; `"ceil"` and `"floor"` round
 *   up and down.
 * - `lower`, `upper`: the text in one case.
 * - `tojson`: JSON in which <, >, & and ' are escaped, so that it can stand in single quotes.
 */
export const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  [
    'default',
    {
      usage: 'default(x) or default(x, true)',
      accepts: (args) => args.length === 1 || (args.length === 2 && typeof args[1] === 'boolean'),
      apply(value, [fallback = '', isForEmpty = false]) {
        if (value === undefined || (isForEmpty === true && isEmpty(value))) return fallback;
        // Of the two zeros only the one that people write.
        return typeof value === 'number' ? value + 0 : value;
      },
    },
  ],
  ['int', numeric('int', Math.trunc)],
  ['float', numeric('float', (number) => number)],
  [
    'round',
    {
      usage: `round, round(digits) or round(digits, "ceil"), with digits from 0 to ${DIGITS_MAX} and "common", "ceil" or "floor"`,
      accepts: ([digits = 0, method = 'common', ...more]) =>
        more.length === 0 &&
        Number.isInteger(digits) &&
        Number(digits) >= 0 &&
        Number(digits) <= DIGITS_MAX &&
        Object.hasOwn(ROUNDINGS, String(method)),
      apply: (value = '', [digits = 0, method = 'common'] = []) =>
        typeof value === 'number'
          ? finiteOr(ROUNDINGS[String(method)]?.(value, Number(digits)), value)
          : value,
    },
  ],
  ['lower', textual('lower', (text) => text.toLowerCase())],
  ['upper', textual('upper', (text) => text.toUpperCase())],
  [
    'tojson',
    {
      usage: 'tojson',
      accepts: (args) => args.length === 0,
      apply: (value = '') => JSON.stringify(value).replace(/[<>&']/g, escaped),
    },
  ],
]);

/**
 * Returns a value as a command shows it: numbers in their shortest form, lists as JSON, strings as
 * they are.
 */
export const textOf = (value: Value): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

function numeric(name: string, convert: (number: number) => number): Filter {
  return {
    usage: `${name} or ${name}(x), x a number`,
    accepts: ([fallback = 0, ...more]) => more.length === 0 && typeof fallback === 'number',
    apply: (value = '', [fallback = 0] = []) => {
      const number = typeof value === 'boolean' ? Number(value) : readNumber(value);
      return number === null ? fallback : convert(number) + 0;
    },
  };
}

function textual(name: string, convert: (text: string) => string): Filter {
  return {
    usage: name,
    accepts: (args) => args.length === 0,
    apply: (value = '') => convert(textOf(value)),
  };
}

const isEmpty = (value: Value): boolean =>
  typeof value === 'object' ? value.length === 0 : !value;

const finiteOr = (number: number | undefined, fallback: number): number =>
  number !== undefined && Number.isFinite(number) ? number + 0 : fallback;

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Rounds what the double is exactly, as Python's round does: 2.5 to 2, 2.675 to 2.67.
 * `toFixed` is exact too, but takes ties away from zero.
 */
function roundHalfEven(value: number, digits: number): number {
  if (Math.abs(value) >= 1e21) return value;
  // A double that is a tie at one digit has none beyond the next, so that 30 more show all there are.
  const exact = value.toFixed(digits + 30);
  const kept = exact.slice(0, exact.length - 30);
  const isTie = /^50*$/.test(exact.slice(-30));
  const isEven = /[02468]\.?$/.test(kept);
  return Number(isTie && isEven ? kept : value.toFixed(digits));
}
